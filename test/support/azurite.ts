/** Azurite's table service on a free port; without a directory its data is in memory. */
export { startAzurite } from '../../tools/local-host/azurite.ts'
