// Where the published addons differ from the patched ones: offset and published byte. So that the tests have both, whatever is installed.

export const publishedBytes: Readonly<Record<string, readonly (readonly [offset: number, byte: number])[]>> = {
  'uws_linux_arm64_115.node': [[48888, 210], [50496, 127], [506520, 13], [506654, 13], [518132, 0]],
  'uws_linux_arm64_127.node': [[48936, 210], [50496, 127], [506540, 13], [506670, 13], [518148, 0]],
  'uws_linux_arm64_137.node': [[48960, 210], [50520, 127], [506702, 13], [506832, 13], [518308, 0]],
  'uws_linux_arm64_141.node': [[48960, 210], [50496, 127], [506634, 13], [506762, 13], [518236, 0]],
  'uws_linux_x64_115.node': [[47944, 76], [49144, 218], [50680, 147], [506602, 20], [506702, 20], [506830, 20], [518332, 0]],
  'uws_linux_x64_127.node': [[47968, 76], [49192, 218], [50680, 147], [506620, 20], [506722, 20], [506846, 20], [518348, 0]],
  'uws_linux_x64_137.node': [[47968, 76], [49216, 218], [50704, 147], [506780, 20], [506884, 20], [507008, 20], [518508, 0]],
  'uws_linux_x64_141.node': [[47944, 76], [49216, 218], [50680, 147], [506710, 20], [506816, 20], [506938, 20], [518436, 0]],
};
