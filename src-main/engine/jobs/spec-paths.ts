import type { JobSpec } from '../../../src-shared/jobs.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import type { Roots } from '../roots.ts'

/** A specification with the paths that `roots` give for those that it names. Throws UserError where one is refused. */
export async function checkSpecPaths(spec: JobSpec, roots: Pick<Roots, 'check' | 'checkDataset'>): Promise<JobSpec> {
  switch (spec.kind) {
    case 'train': {
      const { data } = spec.config
      return { ...spec, config: { ...spec.config, data: { ...data, name: await roots.checkDataset(data.name) } } }
    }
    case 'resume':
      return { ...spec, run: await roots.check(spec.run) }
    case 'evaluate':
      return { ...spec, path: await roots.check(spec.path), data: await checkData(spec.data, roots) }
    case 'probe': {
      const { request } = spec
      const checkpoints = []
      for (const subject of request.checkpoints) checkpoints.push({ ...subject, path: await roots.check(subject.path) })
      const data = 'data' in request ? { data: await checkData(request.data, roots) } : {}
      return { ...spec, request: { ...request, checkpoints, ...data } } as JobSpec
    }
  }
}

async function checkData(data: DataSelection, roots: Pick<Roots, 'check' | 'checkDataset'>): Promise<DataSelection> {
  if (data.kind === 'dataset') return { ...data, name: await roots.checkDataset(data.name) }
  return { ...data, imagesPath: await roots.check(data.imagesPath) }
}
