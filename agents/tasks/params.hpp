#pragma once
#include "sim/core/params.hpp"

/// The networks that really run and how they came about: `[specialists]`.
namespace swarm {
namespace tasks {

struct SpecialistParams {
  std::int64_t hidden_1 = 128;
  std::int64_t hidden_2 = 64;
  std::int64_t lineages = 3;
  std::int64_t training_samples = 40000;
  std::int64_t batch = 32;
  double learning_rate = 0.05;
  double momentum = 0.9;
  std::int64_t bank_items = 4096;
  double nominal_vision = 1e7;
  double nominal_language = 5e7;
  double nominal_reasoning = 2e7;
  double nominal_memory = 5e6;
};

template <class V>
void describe(V& v, SpecialistParams& p) {
  v("hidden_1", p.hidden_1, {.unit = "1", .min = 1, .max = 4096, .doc = "Width of the first hidden layer of a specialist (a multilayer perceptron with 64 inputs and 10 outputs)."});
  v("hidden_2", p.hidden_2, {.unit = "1", .min = 0, .max = 4096, .doc = "Width of the second hidden layer; 0 leaves it out."});
  v("lineages", p.lineages, {.unit = "1", .min = 1, .max = 1000, .doc = "Differently trained base specialists per problem type; agents of a type share them.", .source = kAssumed});
  v("training_samples", p.training_samples, {.unit = "1", .min = 1, .max = 1e9, .doc = "Samples a base specialist is trained on before the run, drawn from a neutral mixture of styles.", .source = kAssumed});
  v("batch", p.batch, {.unit = "1", .min = 1, .max = 1024, .doc = "Samples per training step."});
  v("learning_rate", p.learning_rate, {.unit = "1", .min = 0, .max = 10, .min_open = true, .doc = "Learning rate of stochastic gradient descent in training."});
  v("momentum", p.momentum, {.unit = "1", .min = 0, .max = 0.9999, .doc = "Momentum of stochastic gradient descent in training."});
  v("bank_items", p.bank_items, {.unit = "1", .min = 4096, .max = 65536, .doc = "Problems per bank (region × problem type × complexity bucket)."});
  v("nominal_vision", p.nominal_vision, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the vision specialist that a micro-model stands for when energy.scale = nominal.", .source = kAssumed});
  v("nominal_language", p.nominal_language, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the language specialist that a micro-model stands for.", .source = kAssumed});
  v("nominal_reasoning", p.nominal_reasoning, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the reasoning specialist that a micro-model stands for.", .source = kAssumed});
  v("nominal_memory", p.nominal_memory, {.unit = "1", .min = 1, .max = 1e13, .doc = "Parameters of the memory specialist that a micro-model stands for.", .source = kAssumed});
}

}  // namespace tasks
}  // namespace swarm
