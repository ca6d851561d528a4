// Camera images by the path that the database holds.

export interface Images {
  /**
   * The encoded bytes of an image.
   * @throws Fault `not-found` with a reason fit for a manifest ("image file is missing"), `unavailable` when a later try may succeed.
   */
  read(path: string): Promise<Buffer>;
}
