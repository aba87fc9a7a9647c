const roles = new Set(
  'undo redo cut copy paste pasteAndMatchStyle delete selectAll reload forceReload toggleDevTools resetZoom zoomIn zoomOut togglefullscreen minimize close help about quit appMenu windowMenu'.split(
    ' '
  )
)

function makeItem(options) {
  const { role, submenu, label, type, click } = options
  if (role !== undefined && !roles.has(role)) throw new Error(`Unknown role ${role}`)
  const item = {
    enabled: true,
    visible: true,
    ...options,
    label: label ?? role ?? '',
    type: type ?? (submenu ? 'submenu' : 'normal'),
    // As the real one: a click on what is disabled does nothing.
    click: (event, window) => void (item.enabled && click?.(item, window, event))
  }
  return submenu ? Object.assign(item, { submenu: Menu.buildFromTemplate(submenu) }) : item
}

export class Menu {
  static current = null
  static buildFromTemplate = (template) => Object.assign(new Menu(), { items: template.map((one) => makeItem(one)) })
  static setApplicationMenu = (menu) => void (Menu.current = menu)
  static getApplicationMenu = () => Menu.current
  items = []

  getMenuItemById(id) {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
}
