import { quote } from '../../../pickle/values.ts'
import { countOf, listOf, type Json } from '../json.ts'
import type { LayerCall } from './layer-call.ts'

export type Pair = [height: number, width: number]

/** More than any network has; keeps products of them exact. */
const mostLength = 65_536

/** A setting that is a whole number from 1 on, or two of them, for height and width. Throws by the call. */
export function pairOf(call: LayerCall, name: string, otherwise: Pair = [1, 1]): Pair {
  const value = call.config.get(name)
  if (value === undefined || value === null) return otherwise
  const [height, width] = listOf(value)?.map(countOf) ?? [countOf(value), countOf(value)]
  if (!isLength(height) || !isLength(width)) throw unknown(call, name, value)
  return [height, width]
}

/** A setting that is a whole number from 1 on. Throws by the call. */
export function lengthOf(call: LayerCall, name: string, otherwise?: number): number {
  const value = call.config.get(name) ?? otherwise
  const length = countOf(value)
  if (!isLength(length)) throw unknown(call, name, value)
  return length
}

/** A setting that is a number. Throws by the call. */
export function numberOf(call: LayerCall, name: string, otherwise: number): number {
  const value = call.config.get(name) ?? otherwise
  if (typeof value !== 'number') throw unknown(call, name, value)
  return value
}

/** A setting that is true or false. */
export const flagOf = (call: LayerCall, name: string, otherwise: boolean): boolean => {
  const value = call.config.get(name)
  return typeof value === 'boolean' ? value : otherwise
}

/** `padding`: whether it is `same`. Throws by the call where it is something else than `same` and `valid`. */
export function isSame(call: LayerCall): boolean {
  const value = call.config.get('padding') ?? 'valid'
  if (value !== 'same' && value !== 'valid') throw unknown(call, 'padding', value)
  return value === 'same'
}

/** Four numbers around an image: [[top, bottom], [left, right]], [height, width], or one for all. Throws by the call. */
export function sidesOf(call: LayerCall, name: string): { top: number; bottom: number; left: number; right: number } {
  const value = call.config.get(name)
  const axes = listOf(value) ?? [value, value]
  const [rows, columns] = axes.map((axis) => listOf(axis)?.map(countOf) ?? [countOf(axis), countOf(axis)])
  const [[top, bottom], [left, right]] = [rows ?? [], columns ?? []]
  if (!isSide(top) || !isSide(bottom) || !isSide(left) || !isSide(right)) throw unknown(call, name, value)
  return { top, bottom, left, right }
}

/** The error of a setting that is not understood. */
export function unknown(call: LayerCall, name: string, value: Json | undefined) {
  const told = value === undefined ? 'missing' : quote(describe(value))
  return call.refuse(`has the setting ${name} ${told}, which is not known here`)
}

const describe = (value: Json): string =>
  typeof value === 'string' ? value : value instanceof Map ? 'of an object' : JSON.stringify(value)
const isSide = (value: number | null | undefined): value is number => value != null && value <= mostLength
const isLength = (value: number | null | undefined): value is number => isSide(value) && value >= 1
