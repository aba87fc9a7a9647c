/** A reason, in one sentence for the person at the screen, why a step of set-up cannot be done here. */
export class Refusal extends Error {}
