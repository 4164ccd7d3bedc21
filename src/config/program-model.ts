/** The part of the Model that is about the program as such: what the supervisor works from. Plain data. */
export interface ProgramModel {
  /** Tells several directors in one network namespace apart. */
  readonly instance: string | null;
  /** Of the supervisor in process lists; null: lbctl, as every process of ours. */
  readonly name: string | null;
  /** Permissions that new files do not get. */
  readonly umask: number;
  readonly dumps: DumpSettings;
}

/** Where dumps are written; null is a file in the run directory, to which relative paths are, too. */
export interface DumpSettings {
  /** The instance is part of the names. */
  readonly useInstance: boolean;
  readonly stateFile: string | null;
  readonly statsFile: string | null;
  readonly jsonFile: string | null;
  /** Layout of the JSON dump. */
  readonly jsonVersion: 1 | 2;
}
