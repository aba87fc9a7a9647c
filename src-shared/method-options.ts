import { UsageError } from './errors.ts'
import { needsTeacher, type MethodName, type Rounds, type RunConfig, type Teacher } from './run-config.ts'
import { distillationForms, type PresetName } from './science/distillation-loss.ts'

/** What may be said of a method; what is left out is its usual value. */
export type MethodOptions = {
  preset?: PresetName
  alpha?: number
  lambda?: number
  temperature?: number
  hintOn?: 'features' | 'maps'
  labelWeights?: number[]
  distillWeights?: number[]
  hintWeights?: number[]
  /** A checkpoint to learn from. */
  teacher?: string
  labelWeight?: number
  /** Of what the method adds to the labels' cross entropy. */
  methodWeight?: number
  teacherStage?: number
  rounds?: number
  roundLoss?: Rounds['loss']
}

/** Where the methods with a teacher begin: the values of RepDistiller's scripts (Tian et al. 2020). */
export const teacherDefaults = {
  kd: { labelWeight: 0.1, weight: 0.9, temperature: 4, stage: 2 },
  fitnets: { labelWeight: 1, weight: 100, temperature: 4, stage: 2 },
  'attention-transfer': { labelWeight: 1, weight: 1000, temperature: 4, stage: 2 }
} as const satisfies Record<string, Omit<Teacher, 'path'>>

/** Deep mutual learning at the start (Zhang et al. 2018): an equal weight, temperature 1. */
export const mutualDefaults = { weight: 1, temperature: 1 } as const

/** The two to compare self-distillation with take its settings, too, so that one set of options does for all three. */
const distilled: readonly MethodName[] = ['self-distillation', 'deep-supervision', 'baseline']

/** Which methods an option is of. */
const owners: Partial<Record<keyof MethodOptions, readonly MethodName[]>> = {
  preset: ['self-distillation'],
  alpha: distilled,
  lambda: distilled,
  temperature: [...distilled, 'kd', 'mutual-learning'],
  hintOn: ['self-distillation'],
  labelWeights: ['self-distillation'],
  distillWeights: ['self-distillation'],
  hintWeights: ['self-distillation'],
  teacher: ['kd', 'fitnets', 'attention-transfer'],
  labelWeight: ['kd', 'fitnets', 'attention-transfer'],
  methodWeight: ['kd', 'fitnets', 'attention-transfer', 'mutual-learning'],
  teacherStage: ['fitnets'],
  rounds: ['self-distillation-rounds'],
  roundLoss: ['self-distillation-rounds']
}

type MethodConfig = Pick<RunConfig, 'distillation' | 'teacher' | 'rounds' | 'mutual'>

/** The part of a configuration that the method decides. Throws UsageError where options do not go with it. */
export function buildMethod(options: MethodOptions, method: MethodName, features: number): MethodConfig {
  for (const [key, methods] of Object.entries(owners))
    if (options[key as keyof MethodOptions] !== undefined && !methods.includes(method))
      throw new UsageError(`${flagOf(key)} goes with ${methods.join(', ')}; the method here is ${method}.`)
  return {
    distillation: buildDistillation(options, features),
    ...buildTeacher(options, method),
    ...(method === 'mutual-learning'
      ? {
          mutual: {
            weight: options.methodWeight ?? mutualDefaults.weight,
            temperature: options.temperature ?? mutualDefaults.temperature
          }
        }
      : {}),
    ...(method === 'self-distillation-rounds'
      ? { rounds: { count: options.rounds ?? 3, loss: options.roundLoss ?? 'l2' } }
      : {})
  }
}

function buildDistillation(options: MethodOptions, features: number): RunConfig['distillation'] {
  const { preset, hintOn, labelWeights, distillWeights, hintWeights } = options
  const form = distillationForms[preset ?? 'autodidact-default']
  return {
    alpha: options.alpha ?? form.alpha,
    lambda: options.lambda ?? form.lambda(features),
    temperature: options.temperature ?? form.temperature,
    ...(preset && preset !== 'autodidact-default' && { form: preset }),
    ...(hintOn === 'maps' && { hintOn }),
    ...(labelWeights && { labelWeights }),
    ...(distillWeights && { distillWeights }),
    ...(hintWeights && { hintWeights })
  }
}

function buildTeacher(options: MethodOptions, method: MethodName): { teacher?: Teacher } {
  if (!needsTeacher(method)) return {}
  if (!options.teacher) throw new UsageError(`--method ${method} needs --teacher, a run or a checkpoint to learn from.`)
  const usual = teacherDefaults[method as keyof typeof teacherDefaults]
  return {
    teacher: {
      path: options.teacher,
      labelWeight: options.labelWeight ?? usual.labelWeight,
      weight: options.methodWeight ?? usual.weight,
      temperature: options.temperature ?? usual.temperature,
      stage: options.teacherStage ?? usual.stage
    }
  }
}

/** An option as it is written on the command line: `hintOn` -> `--hint-on`. */
export const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
