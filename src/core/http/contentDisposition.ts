// When a response carries `Content-Disposition: inline;filename=f.txt`, the protection against reflected file downloads.
import { decodeSegment, withoutMatrixParameters } from './decodeSegment.ts';

const SAFE_EXTENSIONS: ReadonlySet<string> = new Set('txt text properties yml yaml csv json xml atom rss png jpe jpeg jpg gif wbmp bmp'.split(' '));

/** The better known audio, image, video and `+xml` types; the full list of the MVC layer is much longer. */
const MEDIA_EXTENSIONS: ReadonlySet<string> = new Set(
  'svg svgz ico webp avif tif tiff psd mp3 wav ogg oga flac aac m4a mid midi mp4 m4v mov avi mkv webm mpg mpeg ogv wmv flv 3gp xhtml xsl xslt rdf wsdl'.split(
    ' ',
  ),
);

/** `rawPath` is the request path. For answers with a body on R1, R2, R7 and R8. (compatibility document 1.6) */
export function contentDisposition(rawPath: string): boolean {
  const rawSegment = withoutMatrixParameters(rawPath.slice(rawPath.lastIndexOf('/') + 1));
  const segment = decodeSegment(rawSegment) ?? rawSegment;
  const dot = segment.lastIndexOf('.');
  if (dot === -1) return false;
  const extension = segment.slice(dot + 1).toLowerCase();
  return extension !== '' && !SAFE_EXTENSIONS.has(extension) && !MEDIA_EXTENSIONS.has(extension);
}
