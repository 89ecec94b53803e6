/** So many of something, in the number that it takes: `1 group`, `2 groups`, `1 person`, `2 people`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`
}
