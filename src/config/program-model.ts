/** The part of the Model that is about the program as such: what the supervisor works from. Plain data. */
export interface ProgramModel {
  /** Of the supervisor in process lists; null: lbctl, as every process of ours. */
  readonly name: string | null;
  /** Permissions that new files do not get. */
  readonly umask: number;
}
