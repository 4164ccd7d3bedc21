/** A user, and a group that stands in for the user's own. */
export interface UserAndGroup {
  readonly user: string;
  readonly group: string | null;
}

/** How scripts are run, wherever they stand in the configuration. Plain data. */
export interface NotifySettings {
  /** For scripts that name no user; null: keepalived_script if it exists, else the user of the daemon. */
  readonly scriptUser: UserAndGroup | null;
  /** No script runs as root that others than root could replace. */
  readonly scriptSecurity: boolean;
}

/** Without a word about it in the configuration. */
export const defaultNotifySettings: NotifySettings = { scriptUser: null, scriptSecurity: false };
