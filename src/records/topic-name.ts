import { z } from 'zod';

/** A topic name that every Kafka broker accepts. */
export const topicNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,249}$/, 'a topic name is 1 to 249 letters, digits, ".", "_" or "-"')
  .refine((name) => name !== '.' && name !== '..', 'a topic cannot be called "." or ".."');
