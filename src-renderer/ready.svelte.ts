/** Sets `data-ready` on the page while a view has drawn all it will draw by itself: programs that take pictures wait for it. */
export function markReady(isReady: () => boolean): void {
  // Tells programs outside of the page.
  $effect(() => {
    if (!isReady()) return
    const frame = requestAnimationFrame(() => (document.documentElement.dataset['ready'] = 'true'))
    return () => {
      cancelAnimationFrame(frame)
      delete document.documentElement.dataset['ready']
    }
  })
}
