const sizes = { small: [1280, 800], usual: [1440, 900], large: [1920, 1080] }

/** A picture: its file's name, the view's address, the window's size and its theme. */
const screen = (view, size, theme) => ({
  name: [view, theme, ...(size === 'usual' ? [] : [size])].join('-'),
  view,
  width: sizes[size][0],
  height: sizes[size][1],
  theme
})

/** Every picture of docs/screens. `view` is a part of the page's address: `#/flat?theme=dark`. */
export const screens = [
  ...['overview', 'knows', 'flat', 'gradients', 'learns', 'train', 'library'].map((view) =>
    screen(view, 'usual', 'light')
  ),
  ...['overview', 'knows', 'flat', 'gradients'].map((view) => screen(view, 'usual', 'dark')),
  screen('overview', 'small', 'light'),
  screen('overview', 'large', 'dark')
]
