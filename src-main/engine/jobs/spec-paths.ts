import type { JobSpec } from '../../../src-shared/jobs.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { readManifest } from '../runs/run-folder.ts'
import type { Roots } from '../roots.ts'

/** A specification with the paths that `roots` give for those that it names. Throws UserError where one is refused. */
export async function checkSpecPaths(spec: JobSpec, roots: Pick<Roots, 'check' | 'checkDataset'>): Promise<JobSpec> {
  switch (spec.kind) {
    case 'train':
      return { ...spec, config: await checkConfigPaths(spec.config, roots) }
    case 'resume': {
      const run = await roots.check(spec.run)
      // What its manifest names is opened, too; one that can't be read is refused later, with its own sentence.
      const manifest = await readManifest(run).catch(() => null)
      if (manifest) await checkConfigPaths(manifest.config, roots)
      return { ...spec, run }
    }
    case 'evaluate':
      return { ...spec, path: await roots.check(spec.path), data: await checkData(spec.data, roots) }
    case 'preprocessing':
      return { ...spec, path: await roots.check(spec.path), data: await roots.checkDataset(spec.data) }
    case 'probe': {
      const { request } = spec
      const checkpoints = []
      for (const subject of request.checkpoints) checkpoints.push({ ...subject, path: await roots.check(subject.path) })
      const data = 'data' in request ? { data: await checkData(request.data, roots) } : {}
      return { ...spec, request: { ...request, checkpoints, ...data } } as JobSpec
    }
  }
}

/** A run's configuration with its data set and its teacher checked likewise. */
export async function checkConfigPaths(
  config: RunConfig,
  roots: Pick<Roots, 'check' | 'checkDataset'>
): Promise<RunConfig> {
  const { data, teacher } = config
  return {
    ...config,
    data: { ...data, name: await roots.checkDataset(data.name) },
    ...(teacher ? { teacher: { ...teacher, path: await roots.check(teacher.path) } } : {})
  }
}

async function checkData(data: DataSelection, roots: Pick<Roots, 'check' | 'checkDataset'>): Promise<DataSelection> {
  if (data.kind === 'dataset') return { ...data, name: await roots.checkDataset(data.name) }
  return { ...data, imagesPath: await roots.check(data.imagesPath) }
}
