import { UserError, UsageError } from '../../../src-shared/errors.ts'
import type { Teacher } from '../../../src-shared/run-config.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { Backend } from '../backend/backend.ts'
import { describeCheckpoint, openNetwork, preprocessingOf } from '../checkpoint/checkpoint.ts'
import type { Network } from '../model/layer.ts'
import { toState, type Weights } from '../model/weights.ts'
import { readHistory } from '../runs/history.ts'
import type { Teaching } from './stepper.ts'
import { conversion } from './student.ts'

/** What is known of a teacher before its weights are read. */
export type TeacherFacts = {
  network: Network
  hash: string
  /** Names of its classes; null where it does not tell them. */
  classes: string[] | null
  preprocessing: Preprocessing | undefined
}

/** A teacher as plain data, and how the student's images are prepared. */
export type LoadedTeacher = {
  network: Network
  weights: Weights
  hash: string
  classes: string[] | null
  preprocessing: Preprocessing | undefined
  ofStudent: Preprocessing
}

/** What a teacher's own training took; null where nothing tells. */
export type TeacherCost = { trainSeconds: number | null; trainMultiplyAdds: number | null }

/** Looks at the checkpoint that a method learns from. Throws UsageError where it is no known network. */
export async function openTeacher({ path, hash }: Teacher): Promise<TeacherFacts> {
  const facts = await describeCheckpoint(path)
  if (!facts.network) throw new UsageError(`The teacher ${path} ${facts.misfit}`)
  if (hash !== undefined && hash !== facts.hash)
    throw new UserError(`The teacher ${path} has changed since the run was begun; the run can't go on.`)
  // Its images are the student's, whose colours are in the usual order.
  if (facts.preprocessing?.channelOrder === 'bgr')
    throw new UsageError(`The teacher ${path} takes its colours as BGR; no student is taught so here.`)
  const classes = facts.origin?.classes ?? null
  return { network: facts.network, hash: facts.hash, classes, preprocessing: preprocessingOf(facts) }
}

/** A teacher with its weights. Throws as `openTeacher` does. */
export async function loadTeacher(teacher: Teacher, ofStudent: Preprocessing): Promise<LoadedTeacher> {
  await openTeacher(teacher)
  // Read once more, whole: the hash and the weights are of one file even where it is replaced meanwhile.
  const { network, weights, hash, ...facts } = await openNetwork(teacher.path)
  return {
    network,
    weights,
    hash,
    classes: facts.origin?.classes ?? null,
    preprocessing: preprocessingOf(facts),
    ofStudent
  }
}

/** Puts a teacher on the backend; who is given it frees it. */
export function teach({ tf }: Backend, { network, weights, preprocessing, ofStudent }: LoadedTeacher): Teaching {
  const { parameters, statistics } = toState(tf, network, weights)
  return { network, state: { parameters, statistics }, prepare: conversion(tf, ofStudent, preprocessing) }
}

/** What a run of ours recorded of its own cost; of other checkpoints nothing is known. */
export async function costOfTeacher(path: string): Promise<TeacherCost> {
  const last = (await readHistory(path).catch(() => null))?.epochs.at(-1)
  return { trainSeconds: last?.trainSeconds ?? null, trainMultiplyAdds: last?.trainMultiplyAdds ?? null }
}
