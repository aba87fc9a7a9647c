/**
 * Why a graph can't be: the end of a sentence that begins with what the graph comes from, for instance
 * `has the node "conv1" (convolution), which takes 3 channels and gets 4`. No full stop.
 */
export class GraphProblem extends Error {
  override readonly name = 'GraphProblem'
}
