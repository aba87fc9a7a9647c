/** Mean and (population) standard deviation per channel of N x H x W x C bytes, scaled to 0..1; exact sums. */
export function pixelStatistics(images: Uint8Array, channels: number): { mean: number[]; deviation: number[] } {
  const histogram = new Float64Array(256 * channels)
  for (let index = 0; index < images.length; index++) histogram[images[index]! * channels + (index % channels)]!++
  const count = images.length / channels
  const mean: number[] = []
  const deviation: number[] = []
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    let squares = 0
    for (let value = 0; value < 256; value++) {
      const times = histogram[value * channels + channel]!
      sum += times * value
      squares += times * value * value
    }
    mean.push(sum / count / 255)
    // Integers below 2^53: no cancellation worth mention.
    deviation.push(Math.sqrt(Math.max(0, count * squares - sum * sum)) / count / 255)
  }
  return { mean, deviation }
}
