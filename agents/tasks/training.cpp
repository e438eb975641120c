#include "agents/tasks/training.hpp"

#include <algorithm>

#include "agents/nn/prune.hpp"
#include "agents/nn/train.hpp"
#include "agents/tasks/family.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr float kFinalRate = 0.05f;                         // share of the learning rate at the end
constexpr float kFinetuneRate = 0.2f;                       // at the begin of what follows pruning
constexpr std::uint64_t kTeacher = std::uint64_t{1} << 32;  // keeps a teacher's initial weights apart

nn::Optimiser optimiser_of(const SpecialistParams& params) {
  if (uses_adam(params)) return nn::Adam{.learning_rate = static_cast<float>(params.adam_learning_rate)};
  return nn::Sgd{.learning_rate = static_cast<float>(params.learning_rate),
                 .momentum = static_cast<float>(params.momentum)};
}

float learning_rate_of(const SpecialistParams& params) {
  return static_cast<float>(uses_adam(params) ? params.adam_learning_rate : params.learning_rate);
}

/// Some of the mixture's samples, and how the learning rate goes along.
struct Course {
  std::uint64_t first, samples;
  float begin, end;  ///< shares of the learning rate
};

/// Answers of a wider network to the samples of each step.
class Teacher {
 public:
  Teacher(const SpecialistParams& params, const nn::Model& model) : params_(params), model_(model) {}

  nn::Targets targets(const Samples& samples, std::uint32_t n) {
    logits_.resize(std::size_t{n} * kClasses);
    model_.run(samples.inputs.data(), logits_.data(), n, scratch_);
    return {.labels = samples.labels.data(),
            .teacher = logits_.data(),
            .temperature = static_cast<float>(params_.temperature),
            .teacher_share = static_cast<float>(params_.teacher_share)};
  }

 private:
  const SpecialistParams& params_;
  nn::PackedModel model_;
  nn::Scratch scratch_;
  std::vector<float> logits_;
};

/// Weights of matrices that are zero and shall stay so.
class Zeros {
 public:
  explicit Zeros(const nn::Model& model) {
    for (std::size_t b = 0; b < model.blocks(); ++b) {
      if (!model.is_matrix(b)) continue;
      const auto begin = static_cast<std::size_t>(model.weights(b).data() - model.data().data());
      for (std::size_t i = 0; i < model.weights(b).size(); ++i)
        if (model.weights(b)[i] == 0.0f) places_.push_back(begin + i);
    }
  }
  void keep(nn::Model& model) const {
    for (const std::size_t i : places_) model.data()[i] = 0.0f;
  }

 private:
  std::vector<std::size_t> places_;
};

void follow(const SpecialistParams& params, const Mixture& mixture, const Course& course, nn::Model& model,
            Teacher* teacher, const Zeros* zeros) {
  const auto batch = static_cast<std::uint64_t>(params.batch);
  const float rate = learning_rate_of(params);
  nn::Trainer trainer(model, optimiser_of(params));
  Samples samples;
  for (std::uint64_t done = 0; done < course.samples; done += batch) {
    const auto n = static_cast<std::uint32_t>(std::min(batch, course.samples - done));
    mixture.make(course.first + done, n, samples);
    const float progress = static_cast<float>(done) / static_cast<float>(course.samples);
    trainer.set_learning_rate(rate * (course.begin - (course.begin - course.end) * progress));
    const nn::Targets targets =
        teacher != nullptr ? teacher->targets(samples, n) : nn::Targets{.labels = samples.labels.data()};
    trainer.step(samples.inputs.data(), targets, n);
    if (zeros != nullptr) zeros->keep(model);
  }
}

nn::Model fresh(const SpecialistParams& params, std::uint64_t seed, const Which& which, bool teacher) {
  nn::Model model(architecture_of(params, which.type, teacher ? params.teacher_width : 1));
  nn::initialise(model, Random(seed, Stream::weight_init), which.step() | (teacher ? kTeacher : 0));
  return model;
}

void prune_and_finetune(const SpecialistParams& params, const Mixture& mixture, nn::Model& model,
                        Teacher* teacher) {
  if (params.pruning == Pruning::none) return;
  const Course course{static_cast<std::uint64_t>(params.training_samples),
                      static_cast<std::uint64_t>(params.finetune_samples), kFinetuneRate, kFinalRate};
  if (params.pruning == Pruning::structured) {
    model = nn::prune_neurons(model, params.pruned_neurons).model;
    follow(params, mixture, course, model, teacher, nullptr);
    return;
  }
  nn::prune_weights(model, params.pruned_weights);
  const Zeros zeros(model);
  follow(params, mixture, course, model, teacher, &zeros);
}

}  // namespace

bool uses_adam(const SpecialistParams& params) {
  return params.optimiser == Optimiser::adam ||
         (params.optimiser == Optimiser::by_family && params.family != Family::mlp);
}

nn::Architecture trained_architecture(const SpecialistParams& params, workload::ProblemType type) {
  nn::Architecture architecture = architecture_of(params, type);
  if (params.pruning != Pruning::structured) return architecture;
  return nn::without_neurons(std::move(architecture), params.pruned_neurons);
}

nn::Model train(const SpecialistParams& params, std::uint64_t seed, const Mixture& mixture,
                const Which& which) {
  const Course course{0, static_cast<std::uint64_t>(params.training_samples), 1.0f, kFinalRate};
  nn::Model model = fresh(params, seed, which, false);
  if (!params.distillation) {
    follow(params, mixture, course, model, nullptr, nullptr);
    prune_and_finetune(params, mixture, model, nullptr);
    return model;
  }
  nn::Model wide = fresh(params, seed, which, true);
  follow(params, mixture, course, wide, nullptr, nullptr);
  Teacher teacher(params, wide);
  follow(params, mixture, course, model, &teacher, nullptr);
  prune_and_finetune(params, mixture, model, &teacher);
  return model;
}

}  // namespace tasks
}  // namespace swarm
