// sharp, with the decoders of photo formats alone: the only way to decode a picture.
import sharp from 'sharp';

// Every image is seen once: a cache would only hold memory. One thread per image; a pipeline keeps
// the cores busy with several images.
sharp.cache(false);
sharp.concurrency(1);
// A second lock behind refusePicture (photo.ts): libvips renders SVG, PDF and more by content,
// whatever a file is called.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`) });

export const decoder = sharp;
