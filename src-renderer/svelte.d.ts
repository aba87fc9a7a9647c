/** Lets TypeScript files name a figure; svelte-check knows its props. */
declare module '*.svelte' {
  import type { Component } from 'svelte'
  const component: Component<Record<string, unknown>>
  export default component
}
