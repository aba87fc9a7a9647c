import type { z } from 'zod'
import { UserError } from './errors.ts'
import { probeKinds, probes, type AnyReport, type ProbeKind } from './reports.ts'

/** Version of the report format that is written; older ones are read too. */
export const reportVersion = 1

/** JSON text of a report, `version` first. Numbers that are not finite become null, which is read as NaN. */
export function formatReport(report: AnyReport): string {
  const plain = (_key: string, value: unknown): unknown =>
    ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
  return JSON.stringify({ version: reportVersion, ...report }, plain) + '\n'
}

/**
 * The report in a JSON text, checked; `where` (a file's name) begins every error. Throws UserError for text that is not
 * JSON, JSON that is not a report, an unknown kind, a newer version and a field that is missing or wrong.
 */
export function parseReport(text: string, where: string): AnyReport {
  const value = readJson(text, where)
  if (!isRecord(value) || typeof value.kind !== 'string' || !('version' in value)) {
    throw new UserError(`${where} is JSON but no report: it holds ${quote(value)}; choose a file that a probe wrote.`)
  }
  const { version, kind } = value
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new UserError(`${where} has the version ${quote(version)}, not a whole number; run the probe again.`)
  }
  if (version > reportVersion) {
    throw new UserError(
      `${where} has the version ${version}, but this software reads up to ${reportVersion}; install a newer release.`
    )
  }
  if (!isProbeKind(kind)) {
    throw new UserError(
      `${where} has the unknown kind ${quote(kind)}; choose a report of one of ${probeKinds.join(', ')}.`
    )
  }
  const result = probes[kind].report.safeParse(value)
  if (result.success) return result.data
  throw new UserError(describeIssue(result.error.issues, value, where))
}

function readJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError(
      text.trim() === ''
        ? `${where} is empty, not a report; choose a JSON file that a probe wrote.`
        : `${where} is not JSON: it begins with ${quote(text.trimStart())}; choose a JSON file that a probe wrote.`
    )
  }
}

/** One sentence about the first thing that is wrong. */
function describeIssue(issues: readonly z.core.$ZodIssue[], root: unknown, where: string): string {
  const issue = issues[0]!
  const at = formatPath(issue.path)
  const found = issue.path.reduce<unknown>((value, key) => (isRecord(value) ? value[String(key)] : undefined), root)
  const remedy = 'run the probe again, or undo the change in the file.'
  if (found === undefined) return `${where} lacks ${at}; ${remedy}`
  return `${where} has ${quote(found)} as ${at} (${expectations(issue)}); ${remedy}`
}

/** What was wanted, for instance `expected number or null`; of a choice every alternative's wish. */
function expectations(issue: z.core.$ZodIssue): string {
  const wishes = [...new Set(wishesOf(issue))].filter((wish) => !/^(NaN|-?Infinity)$/.test(wish))
  return wishes.length === 0 ? 'it is not one of the known choices' : `expected ${wishes.join(' or ')}`
}

function wishesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_union')
    return issue.errors.flatMap((alternative) => alternative.slice(0, 1).flatMap(wishesOf))
  return [issue.message.replace(/^.*?expected /, '').replace(/, received .*$/, '')]
}

/** For instance `checkpoints[0].exits[1].sse`. */
function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
  return parts.join('')
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isProbeKind(kind: string): kind is ProbeKind {
  return (probeKinds as string[]).includes(kind)
}
