export const shapes = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'cross',
  'triangleDown',
  'star',
  'plus',
  'hexagon',
  'bar'
] as const
/** Outline of a marker; one per class, or one per subject. */
export type Shape = (typeof shapes)[number]

type Vertex = readonly [number, number]
const ring = (corners: number, start: number, radius = 1): Vertex[] =>
  Array.from({ length: corners }, (_, i): Vertex => {
    const angle = start + (2 * Math.PI * i) / corners
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  })
const up = -Math.PI / 2
const arm = 0.34
const plus: Vertex[] = [
  [-arm, -1.05],
  [arm, -1.05],
  [arm, -arm],
  [1.05, -arm],
  [1.05, arm],
  [arm, arm],
  [arm, 1.05],
  [-arm, 1.05],
  [-arm, arm],
  [-1.05, arm],
  [-1.05, -arm],
  [-arm, -arm]
]
const turned = plus.map(([x, y]): Vertex => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2])
const star = ring(10, up).map(([x, y], i): Vertex => (i % 2 ? [0.48 * x * 1.2, 0.48 * y * 1.2] : [1.25 * x, 1.25 * y]))

/** Corners on a circle of radius about 1, of equal weight to the eye. */
const corners: Record<Exclude<Shape, 'circle'>, Vertex[]> = {
  square: ring(4, Math.PI / 4, 1.22),
  triangle: ring(3, up, 1.3),
  diamond: ring(4, 0, 1.28),
  cross: turned,
  triangleDown: ring(3, -up, 1.3),
  star,
  plus,
  hexagon: ring(6, up, 1.08),
  bar: [
    [-1.25, -0.5],
    [1.25, -0.5],
    [1.25, 0.5],
    [-1.25, 0.5]
  ]
}

/** A coordinate as short text, to a hundredth of a pixel. */
export const round = (value: number): number => Math.round(value * 100) / 100 || 0

/** Closed SVG path of a marker about (x, y); its area is that of a circle of the radius, roughly. */
export function markerPath(shape: Shape, x: number, y: number, radius: number): string {
  if (shape === 'circle') {
    const d = round(2 * radius)
    return `M${round(x - radius)},${round(y)}a${round(radius)},${round(radius)},0,1,0,${d},0a${round(radius)},${round(radius)},0,1,0,${-d},0Z`
  }
  const points = corners[shape].map(([dx, dy]) => `${round(x + dx * radius)},${round(y + dy * radius)}`)
  return `M${points.join('L')}Z`
}
