import { z } from 'zod'
import type { Contract } from './rpc.ts'

const nothing = z.object({})

export const figureFormats = ['svg', 'png', 'pdf', 'csv'] as const
export type FigureFormat = (typeof figureFormats)[number]

const folderEntry = z.object({
  name: z.string(),
  path: z.string(),
  /** `run`: a folder that opens as a checkpoint. */
  kind: z.enum(['folder', 'run', 'file']),
  bytes: z.number().int().min(0),
  /** ISO 8601. */
  changedAt: z.string()
})

/** What a window may ask of what surrounds it: the desktop's shell, or the server that the page came from. */
export const shellCalls = {
  environment: {
    request: nothing,
    result: z.object({
      kind: z.enum(['desktop', 'served']),
      /** `linux`, `darwin`, `win32`. */
      platform: z.string(),
      version: z.string(),
      /** Folders that files may be opened from; empty where any may. */
      roots: z.array(z.string())
    })
  },
  /** Shows the desktop's dialog, for files or `folders`; paths chosen, none where it was closed. Served: refused, the page lists folders. */
  pickCheckpoints: {
    request: z.object({ folders: z.boolean().optional() }),
    result: z.object({ paths: z.array(z.string()) })
  },
  /** Desktop: what was opened lately, newest first, for its menu; greyed where it is missing. Served: nothing to show it in. */
  showRecent: {
    request: z.object({ files: z.array(z.object({ path: z.string().min(1), isMissing: z.boolean() })).max(10) }),
    result: nothing
  },
  /** Served: the folders and possible checkpoints of a folder, null for the first root; every file where `all`. */
  listFolder: {
    request: z.object({ path: z.string().nullable(), all: z.boolean().optional() }),
    result: z.object({
      path: z.string(),
      /** null at a root. */
      parent: z.string().nullable(),
      entries: z.array(folderEntry),
      /** True where there are more entries than are listed. */
      isCut: z.boolean()
    })
  },
  /** A figure's markup (or, for csv, its report's JSON text) as the bytes of a file: what the command line would write. */
  renderFile: {
    request: z.object({
      format: z.enum(figureFormats),
      /** svg, png, pdf: the figure's markup as the page has it; csv: JSON text of its report. */
      source: z.string().max(64 * 2 ** 20),
      title: z.string().max(300),
      description: z.string().max(5000),
      /** Pixels of a png per pixel of the figure. */
      density: z.number().min(0.5).max(8),
      /** ISO 8601; written into a pdf. */
      createdAt: z.string().max(40)
    }),
    result: z.object({ bytes: z.instanceof(Uint8Array) })
  },
  /** Desktop: asks where to, then writes whole or not at all. Served: refused, the page downloads. */
  saveFile: {
    request: z.object({ name: z.string().min(1).max(200), bytes: z.instanceof(Uint8Array) }),
    /** null where the dialog was closed. */
    result: z.object({ path: z.string().nullable() })
  },
  /** Desktop: asks where a file that the engine writes is to go. Served: refused, the page downloads. */
  pickPlace: {
    request: z.object({ name: z.string().min(1).max(200) }),
    /** null where the dialog was closed. */
    result: z.object({ path: z.string().nullable() })
  },
  /** Desktop: puts a PNG on the clipboard. Served: refused, the page does it. */
  copyImage: { request: z.object({ png: z.instanceof(Uint8Array) }), result: nothing },
  copyText: { request: z.object({ text: z.string().max(10_000_000) }), result: nothing },
  /** Desktop: shows the file in the system's file manager. */
  showInFolder: { request: z.object({ path: z.string().min(1) }), result: nothing },
  /** Tells what happens around the window until cancelled. */
  watchShell: {
    request: nothing,
    result: nothing,
    progress: z.discriminatedUnion('kind', [
      /** Open these: from the command line, the desktop's `open with`, a second start. */
      z.object({ kind: z.literal('open'), paths: z.array(z.string()) }),
      /** An item of the native menu. */
      z.object({ kind: z.literal('menu'), command: z.string() }),
      /** The engine process: `stopped` until a new one answers. */
      z.object({ kind: z.literal('engine'), state: z.enum(['running', 'stopped']), message: z.string() })
    ])
  }
} as const

export type ShellCalls = typeof shellCalls
export type ShellContract = Contract<ShellCalls>
export type ShellEvent = z.infer<(typeof shellCalls)['watchShell']['progress']>
export type FolderEntry = z.infer<typeof folderEntry>
