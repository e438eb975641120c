#pragma once
#include <array>
#include <string>
#include <string_view>

#include "agents/nn/numerics.hpp"
#include "sim/core/params.hpp"

/// The networks that really run and how they came about: `[specialists]`.
namespace swarm {
namespace tasks {

enum class Family : std::uint8_t { mlp, conv, attention };
enum class Calibration : std::uint8_t { dynamic, fixed };
enum class Pruning : std::uint8_t { none, unstructured, structured };
enum class Optimiser : std::uint8_t { by_family, sgd, adam };

struct SpecialistParams {
  Family family = Family::mlp;
  std::int64_t hidden_1 = 128;
  std::int64_t hidden_2 = 64;
  std::int64_t channels = 16;
  std::int64_t kernel = 3;
  std::int64_t heads = 4;
  double top_keys = 0;
  bool causal = false;
  std::int64_t lineages = 3;
  std::int64_t training_samples = 40000;
  std::int64_t batch = 32;
  Optimiser optimiser = Optimiser::by_family;
  double learning_rate = 0.05;
  double momentum = 0.9;
  double adam_learning_rate = 0.01;
  bool distillation = false;
  std::int64_t teacher_width = 2;
  double temperature = 2;
  double teacher_share = 0.5;
  Pruning pruning = Pruning::none;
  double pruned_weights = 0.5;
  double pruned_neurons = 0.3;
  std::int64_t finetune_samples = 8000;
  nn::Format format = nn::Format::fp32;
  Calibration calibration = Calibration::dynamic;
  std::string onnx_vision;
  std::string onnx_language;
  std::string onnx_reasoning;
  std::string onnx_memory;
  std::int64_t bank_items = 4096;
  double nominal_vision = 1e7;
  double nominal_language = 5e7;
  double nominal_reasoning = 2e7;
  double nominal_memory = 5e6;
};

template <class V>
void describe(V& v, SpecialistParams& p) {
  v("family", p.family, {.unit = "", .doc = "What specialists are made of: a multilayer perceptron (mlp), depthwise-separable convolutions in one dimension (conv), or multi-head attention (attention). All have 64 inputs and 10 outputs."});
  v("hidden_1", p.hidden_1, {.unit = "1", .min = 1, .max = 4096, .doc = "Width of the first hidden layer of a perceptron."});
  v("hidden_2", p.hidden_2, {.unit = "1", .min = 0, .max = 4096, .doc = "Width of the last hidden layer, of any family; 0 leaves it out."});
  v("channels", p.channels, {.unit = "1", .min = 1, .max = 1024, .doc = "Numbers per row in a convolution or attention."});
  v("kernel", p.kernel, {.unit = "1", .min = 1, .max = 64, .doc = "Taps of a convolution."});
  v("heads", p.heads, {.unit = "1", .min = 1, .max = 1024, .doc = "Heads of attention; they divide specialists.channels."});
  v("top_keys", p.top_keys, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the rows that a query of attention may attend to, those of the highest scores, rounded up; 0 means all. For example 0.1."});
  v("causal", p.causal, {.unit = "", .doc = "Whether attention is masked, so that a row sees itself and what came before."});
  v("lineages", p.lineages, {.unit = "1", .min = 1, .max = 1000, .doc = "Differently trained base specialists per problem type; agents of a type share them.", .source = kAssumed});
  v("training_samples", p.training_samples, {.unit = "1", .min = 1, .max = 1e9, .doc = "Samples a base specialist is trained on before the run, drawn from a neutral mixture of styles.", .source = kAssumed});
  v("batch", p.batch, {.unit = "1", .min = 1, .max = 1024, .doc = "Samples per training step."});
  v("optimiser", p.optimiser, {.unit = "", .doc = "How training follows gradients: by stochastic gradient descent with momentum (sgd), by Adam (adam), or by sgd for perceptrons and adam for the other families (by-family)."});
  v("learning_rate", p.learning_rate, {.unit = "1", .min = 0, .max = 10, .min_open = true, .doc = "Learning rate of stochastic gradient descent in training."});
  v("momentum", p.momentum, {.unit = "1", .min = 0, .max = 0.9999, .doc = "Momentum of stochastic gradient descent in training."});
  v("adam_learning_rate", p.adam_learning_rate, {.unit = "1", .min = 0, .max = 10, .min_open = true, .doc = "Learning rate of Adam in training."});
  v("distillation", p.distillation, {.unit = "", .doc = "Whether a specialist also learns from a wider one of its lineage that was trained before (Hinton et al. 2015)."});
  v("teacher_width", p.teacher_width, {.unit = "1", .min = 1, .max = 16, .doc = "How many times as wide as the specialist's the teacher's hidden layers and channels are."});
  v("temperature", p.temperature, {.unit = "1", .min = 0, .max = 1000, .min_open = true, .doc = "What the logits of teacher and specialist are divided by in distillation."});
  v("teacher_share", p.teacher_share, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of the teacher's answers in the loss of distillation; labels have the rest."});
  v("pruning", p.pruning, {.unit = "", .doc = "What is taken from a trained specialist: nothing (none), its smallest weights (unstructured), or its weakest hidden neurons (structured)."});
  v("pruned_weights", p.pruned_weights, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the weights of each matrix that unstructured pruning removes."});
  v("pruned_neurons", p.pruned_neurons, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the neurons of each hidden layer that structured pruning removes."});
  v("finetune_samples", p.finetune_samples, {.unit = "1", .min = 0, .max = 1e9, .doc = "Samples that a pruned specialist is trained on further; weights that were removed stay 0."});
  v("format", p.format, {.unit = "", .doc = "Numbers in which the weights of specialists run. bf16 and fp16 are multiplied in single precision, int8 and int4 with 8-bit activations; bf16-dot rounds activations too, needs a processor with AVX512_BF16, and its answers need not be the same on another one."});
  v("calibration", p.calibration, {.unit = "", .doc = "Where the range of 8-bit activations comes from with int8 and int4: from each row as it runs (dynamic), or from samples of the training mixture, fixed beforehand (static)."});
  v("onnx_vision", p.onnx_vision, {.unit = "", .doc = "ONNX file with the base specialist for vision, instead of training one; all lineages start from it. A relative path counts from the file that states it. It takes 64 numbers and gives 10."});
  v("onnx_language", p.onnx_language, {.unit = "", .doc = "The same for language."});
  v("onnx_reasoning", p.onnx_reasoning, {.unit = "", .doc = "The same for reasoning."});
  v("onnx_memory", p.onnx_memory, {.unit = "", .doc = "The same for memory."});
  v("bank_items", p.bank_items, {.unit = "1", .min = 4096, .max = 65536, .doc = "Problems per bank (region × problem type × complexity bucket)."});
  v("nominal_vision", p.nominal_vision, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the vision specialist that a micro-model stands for when energy.scale = nominal.", .source = kAssumed});
  v("nominal_language", p.nominal_language, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the language specialist that a micro-model stands for.", .source = kAssumed});
  v("nominal_reasoning", p.nominal_reasoning, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the reasoning specialist that a micro-model stands for.", .source = kAssumed});
  v("nominal_memory", p.nominal_memory, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the memory specialist that a micro-model stands for.", .source = kAssumed});
}

}  // namespace tasks
inline namespace core {
template <>
struct EnumNames<tasks::Family> {
  static constexpr std::array<std::string_view, 3> names{"mlp", "conv", "attention"};
};
template <>
struct EnumNames<tasks::Calibration> {
  static constexpr std::array<std::string_view, 2> names{"dynamic", "static"};
};
template <>
struct EnumNames<tasks::Pruning> {
  static constexpr std::array<std::string_view, 3> names{"none", "unstructured", "structured"};
};
template <>
struct EnumNames<tasks::Optimiser> {
  static constexpr std::array<std::string_view, 3> names{"by-family", "sgd", "adam"};
};
}  // namespace core
}  // namespace swarm
