const roles = new Set(
  'undo redo cut copy paste pasteAndMatchStyle delete selectAll reload forceReload toggleDevTools resetZoom zoomIn zoomOut togglefullscreen minimize close help about quit appMenu windowMenu'.split(
    ' '
  )
)

class MenuItem {
  constructor(options) {
    const { role, submenu, label, type, click } = options
    if (role !== undefined && !roles.has(role)) throw new Error(`Unknown role ${role}`)
    Object.assign(this, { enabled: true, visible: true, ...options })
    this.label = label ?? role ?? ''
    this.type = type ?? (submenu ? 'submenu' : 'normal')
    if (submenu) this.submenu = Menu.buildFromTemplate(submenu)
    // As the real one: a click on what is disabled does nothing.
    this.click = (event, window) => void (this.enabled && click?.(this, window, event))
  }
}

export class Menu {
  static current = null
  static buildFromTemplate = (template) =>
    Object.assign(new Menu(), { items: template.map((one) => new MenuItem(one)) })
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
