/** Width and height in pixels that an SVG text states; throws RangeError where it states none. */
export function readSvgSize(svg: string): { width: number; height: number } {
  const root = /<svg\b[^>]*>/.exec(svg)?.[0] ?? ''
  const read = (name: string): number => Number(new RegExp(`\\s${name}="([\\d.]+)(?:px)?"`).exec(root)?.[1] ?? NaN)
  const [width, height] = [read('width'), read('height')]
  if (!(width > 0 && height > 0)) throw new RangeError('The picture has no width and height in pixels.')
  return { width, height }
}
