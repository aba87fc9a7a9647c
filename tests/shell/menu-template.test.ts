import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { menuTemplate, type MenuAction, type MenuOptions } from '../../src-main/shell/menu-template.ts'

type Item = MenuItemConstructorOptions

function build(options: Partial<MenuOptions> = {}) {
  const actions: MenuAction[] = []
  const act = (action: MenuAction) => void actions.push(action)
  const menu = menuTemplate({
    platform: 'linux',
    isPackaged: true,
    recent: [],
    missing: new Set(),
    isEngineDown: false,
    act,
    ...options
  })
  const items = menu.flatMap(flatten)
  const click = (item: Item | undefined) => (item?.click as (() => void) | undefined)?.()
  return { menu, items, actions, click, byId: (id: string) => items.find((item) => item.id === id) }
}

const flatten = (item: Item): Item[] => [
  item,
  ...(Array.isArray(item.submenu) ? item.submenu.flatMap((one: Item) => flatten(one)) : [])
]
const labels = (items: Item[]) => items.map(({ label, role }) => label ?? role)

describe.each(['linux', 'win32', 'darwin'])('the menu on %s', (platform) => {
  const { menu, items, actions, click } = build({ platform })

  it('has the menus that people look for', () => {
    const expected = ['&File', '&Edit', '&View', '&Run']
    expect(labels(menu)).toEqual(
      platform === 'darwin' ? ['appMenu', ...expected, 'windowMenu', '&Help'] : [...expected, '&Help']
    )
  })

  it('does something with every item', () => {
    const idle = items.filter(({ role, submenu, click, type }) => !role && !submenu && !click && type !== 'separator')
    expect(idle).toEqual([])
  })

  it('gives each accelerator once', () => {
    const keys = items.flatMap(({ accelerator }) => accelerator ?? [])
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toContain('CmdOrCtrl+O')
  })

  it('tells commands by their names', () => {
    const commands = items.filter(({ click, id }) => click && id && /^(open|view-\w+|export|run)$/.test(id))
    for (const item of commands) click(item)
    expect(actions).toEqual(commands.map(({ id }) => ({ kind: 'command', command: id })))
    expect(actions.length).toBe(10)
  })
})

describe('the menu', () => {
  it('lists what was opened lately, and clears the list', () => {
    const { byId, click, actions } = build({ recent: ['/a/x&y.safetensors', '/b/z', '/c/z'] })
    const submenu = byId('open-recent')?.submenu as Item[]
    expect(labels(submenu)).toEqual(['x&&y.safetensors', '/b/z', '/c/z', undefined, 'Clear Recent Files'])
    click(submenu[1])
    click(byId('clear-recent'))
    expect(actions).toEqual([{ kind: 'open-recent', path: '/b/z' }, { kind: 'clear-recent' }])
  })

  it('greys what is not there any more', () => {
    const { byId } = build({ recent: ['/a', '/b'], missing: new Set(['/b']) })
    const submenu = byId('open-recent')?.submenu as Item[]
    expect(submenu.slice(0, 2).map(({ enabled }) => enabled)).toEqual([true, false])
  })

  it('offers no list that is empty', () => {
    expect(build().byId('open-recent')?.enabled).toBe(false)
  })

  it('starts the engine again only when it is down', () => {
    expect(build().byId('restart-engine')?.enabled).toBe(false)
    const { byId, click, actions } = build({ isEngineDown: true })
    expect(byId('restart-engine')?.enabled).toBe(true)
    click(byId('restart-engine'))
    expect(actions).toEqual([{ kind: 'restart-engine' }])
  })

  it("opens folders apart from files where one dialog can't do both", () => {
    expect(build({ platform: 'win32' }).byId('open-folder')).toBeDefined()
    expect(build({ platform: 'darwin' }).byId('open-folder')).toBeUndefined()
  })

  it("has the developer's tools only outside a package", () => {
    const roles = (isPackaged: boolean) => build({ isPackaged }).items.map(({ role }) => role)
    expect(roles(true)).not.toContain('toggleDevTools')
    expect(roles(true)).not.toContain('forceReload')
    expect(roles(false)).toContain('toggleDevTools')
  })
})
