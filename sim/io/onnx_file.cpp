#include "sim/io/onnx_file.hpp"

#include "sim/io/onnx_export.hpp"
#include "sim/io/onnx_import.hpp"

namespace swarm::io {

nn::Model read_onnx(const std::filesystem::path& file) {
  const OnnxView view(load_onnx(file), file);
  return import_onnx(view);
}

void write_onnx(const nn::Model& model, const std::filesystem::path& file) {
  save_onnx(export_onnx(model, file), file);
}

}  // namespace swarm::io
