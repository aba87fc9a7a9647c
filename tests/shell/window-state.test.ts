import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openWindowState, placeWindow, smallest } from '../../src-main/shell/window-state.ts'

const main = { x: 0, y: 24, width: 1920, height: 1056 }
const second = { x: 1920, y: 0, width: 1280, height: 1024 }

describe('the place of a window', () => {
  it('is 1440 x 900 where none is known, in the middle of the screen', () => {
    expect(placeWindow(null, [main])).toEqual({ width: 1440, height: 900 })
  })
  it('is as it was, on whichever screen', () => {
    for (const bounds of [
      { x: 100, y: 50, width: 1200, height: 800 },
      { x: 1930, y: 10, width: 1000, height: 700 }
    ])
      expect(placeWindow(bounds, [main, second])).toEqual(bounds)
  })
  it('is forgotten where its screen is gone; the size stays', () => {
    expect(placeWindow({ x: 2000, y: 10, width: 1000, height: 700 }, [main])).toEqual({ width: 1000, height: 700 })
  })
  it('is forgotten where nothing is left to move it by', () => {
    expect(placeWindow({ x: 1850, y: 100, width: 1000, height: 700 }, [main])).toEqual({ width: 1000, height: 700 })
    expect(placeWindow({ x: 100, y: 1070, width: 1000, height: 700 }, [main])).toEqual({ width: 1000, height: 700 })
  })
  it('is moved so that the whole window can be seen', () => {
    expect(placeWindow({ x: 1500, y: 800, width: 1000, height: 700 }, [main])).toEqual({
      x: 920,
      y: 380,
      width: 1000,
      height: 700
    })
  })
  it('is smaller where the screen is, but never too small', () => {
    const small = { x: 0, y: 0, width: 800, height: 600 }
    expect(placeWindow({ x: 0, y: 0, width: 3000, height: 2000 }, [main])).toMatchObject({ width: 1920, height: 1056 })
    expect(placeWindow(null, [small])).toEqual(smallest)
  })

  it('lies on a screen, whatever was kept and whichever screens are there', () => {
    const whole = fc.integer({ min: -5000, max: 5000 })
    const size = fc.integer({ min: 1, max: 6000 })
    const rectangle = fc.record({ x: whole, y: whole, width: size, height: size })
    const screens = fc.array(
      fc.record({
        x: whole,
        y: whole,
        width: fc.integer({ min: 960, max: 4000 }),
        height: fc.integer({ min: 640, max: 3000 })
      }),
      { minLength: 1, maxLength: 3 }
    )
    fc.assert(
      fc.property(rectangle, screens, (bounds, areas) => {
        const { x, y, width, height } = placeWindow(bounds, areas)
        expect(width).toBeGreaterThanOrEqual(smallest.width)
        expect(height).toBeGreaterThanOrEqual(smallest.height)
        if (x === undefined || y === undefined) return
        const holds = areas.some(
          (area) => x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height
        )
        expect(holds).toBe(true)
      })
    )
  })
})

describe('what is kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-state-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const preset = { bounds: null, isMaximized: false, background: null }

  it('is read as it was written', async () => {
    const path = join(folder, 'new', 'window.json')
    const state = openWindowState(path)
    expect(state.value).toEqual(preset)
    const bounds = { x: 1, y: 2, width: 1000, height: 700 }
    state.change({ bounds })
    state.change({ isMaximized: true })
    await state.settled()
    expect(openWindowState(path).value).toEqual({ bounds, isMaximized: true, background: null })
    expect(readFileSync(path, 'utf8')).toMatch(/\n$/)
  })

  it.each([
    ['no JSON', '{'],
    ['another shape', '[]'],
    ['numbers that are none', '{"bounds":{"x":"1","y":0,"width":1,"height":1},"isMaximized":false,"background":null}'],
    [
      'places beyond all screens',
      '{"bounds":{"x":1e99,"y":0,"width":1,"height":1},"isMaximized":false,"background":null}'
    ],
    ['a colour that is none', '{"bounds":null,"isMaximized":true,"background":"url(x)"}']
  ])('is forgotten where the file holds %s', (_name, text) => {
    const path = join(folder, 'broken.json')
    writeFileSync(path, text)
    expect(openWindowState(path).value).toEqual(preset)
  })

  it('is not missed where it cannot be written', async () => {
    const path = join(folder, 'taken', 'window.json')
    mkdirSync(path, { recursive: true })
    const state = openWindowState(path)
    state.change({ isMaximized: true })
    await state.settled()
    expect(state.value.isMaximized).toBe(true)
  })
})
