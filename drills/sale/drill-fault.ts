/** The drill could not be run, which says nothing about the shop's promises. The message is for the user. */
export class DrillFault extends Error {
  override readonly name = 'DrillFault';
}
