/**
 * A clock from now on, in milliseconds, that stands still while the machine works for others: files run side by side, and
 * who waits for a processor has not become slower.
 */
export function workingTime(): () => number {
  const began = performance.now()
  const used = process.cpuUsage()
  return () => {
    const passed = performance.now() - began
    const { user, system } = process.cpuUsage(used)
    // Compiler and garbage collector work on other threads: the process may have used more than has passed.
    return Math.min(passed, (user + system) / 1000)
  }
}
