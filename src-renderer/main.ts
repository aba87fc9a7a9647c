import { mount } from 'svelte'
import './styles/tokens.css'
import './styles/base.css'
import App from './App.svelte'
import { engine } from './engine.ts'
import { connectShell } from './shell.ts'

const target = document.getElementById('app')
if (!target) throw new Error('The page has no place for the lab.')
mount(App, { target, props: { engine, shell: await connectShell() } })
