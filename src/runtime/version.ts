declare const DASHCTL_VERSION: string | undefined;

/** The release this is; the build writes it in. */
export const version = typeof DASHCTL_VERSION === 'string' ? DASHCTL_VERSION : '0.0.0-dev';
