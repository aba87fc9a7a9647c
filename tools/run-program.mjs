import { spawn } from 'node:child_process'

/** Runs a Node program with this terminal and gives its exit status; an interrupt is the program's to answer. */
export function runProgram(file, args, options = {}) {
  const ignore = () => {}
  process.on('SIGINT', ignore)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit', ...options })
    child.on('error', () => resolve(1))
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}
