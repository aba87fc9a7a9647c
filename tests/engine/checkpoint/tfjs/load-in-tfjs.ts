import type { Tensor, Tensor4D } from '@tensorflow/tfjs'

type Tf = typeof import('@tensorflow/tfjs')
type ModelFile = {
  modelTopology: object
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: 'float32' }[] }[]
}

/** What tfjs itself makes of the files of a LayersModel. */
export async function loadInTfjs(
  tf: Tf,
  files: ReadonlyMap<string, Uint8Array>,
  images: Tensor4D
): Promise<{ outputs: Tensor[]; names: string[] }> {
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as ModelFile
  const [group] = weightsManifest
  const weightData = files.get(group!.paths[0]!)!.slice().buffer
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: group!.weights, weightData }))
  const outputs = model.predict(images)
  return { outputs: Array.isArray(outputs) ? outputs : [outputs], names: model.outputNames }
}
