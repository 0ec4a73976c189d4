import Type from 'typebox';

/**
 * The `edge` part of a topology: what stands between the world and the shop. Every setting has a default that suits one machine
 * on the open internet. A schema's `description` completes the sentence “… must be …”.
 */
export function edgeSchema() {
  return Type.Object({}, { additionalProperties: false, description: 'a map of settings of the edge' });
}
