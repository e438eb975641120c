#include "bench/networks/training.hpp"

#include "agents/nn/isa.hpp"
#include "bench/networks/problem.hpp"

namespace swarm {
namespace bench {
namespace {

class Training final : public Contestant {
 public:
  explicit Training(const Lesson& lesson)
      : Contestant("swarmsim"), lesson_(lesson), model_(lesson.model), trainer_(model_, lesson.sgd) {}
  void pass() override {
    trainer_.step(lesson_.inputs.data(), lesson_.labels.data(), static_cast<std::uint32_t>(lesson_.batch));
  }
  std::vector<float> outputs() const override {
    std::vector<float> out;
    const std::size_t l = model_.blocks() - 1;
    for (std::size_t i = 0; i < model_.rows(l); ++i)
      for (std::size_t o = 0; o < model_.columns(l); ++o) out.push_back(model_.weight(l, i, o));
    return out;
  }

 private:
  const Lesson& lesson_;
  nn::Model model_;
  nn::Trainer trainer_;
};

}  // namespace

Lesson::Lesson(const nn::MlpShape& shape, std::size_t samples)
    : model(noise_model(shape, 0)),
      inputs(noise(samples * shape.widths.front(), 0)),
      labels(noise_labels(samples, shape.widths.back())),
      batch(samples) {}

double Lesson::macs() const {
  const double first = static_cast<double>(model.rows(0) * model.columns(0));
  return (3.0 * static_cast<double>(nn::pass_cost(model.architecture()).macs) - first) * static_cast<double>(batch);
}

std::unique_ptr<Contestant> make_swarm_training(const Lesson& lesson) {
  return std::make_unique<Training>(lesson);
}

Contestants training_contestants(const Lesson& lesson) {
  Contestants all;
  all.push_back(make_swarm_training(lesson));
  all.push_back(make_eigen_training_avx2(lesson));
  if (nn::active_isa() == nn::Isa::avx512) all.push_back(make_eigen_training_avx512(lesson));
  return all;
}

}  // namespace bench
}  // namespace swarm
