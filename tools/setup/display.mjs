/** Whether a window can be shown: macOS and Windows always say so, elsewhere the display's address is in the environment. */
export function hasDisplay({ env, platform }) {
  if (platform === 'darwin' || platform === 'win32') return !env.SSH_CONNECTION
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}
