// Built once per instruction set, in a library of its own (bench/CMakeLists.txt): SWARM_EIGEN_SET names the
// set.
#include <Eigen/Dense>
#include <vector>

#include "bench/networks/peers.hpp"
#include "bench/networks/training.hpp"

namespace {

using namespace swarm;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;
using ConstMap = Eigen::Map<const Matrix>;
using Index = Eigen::Index;

#define SWARM_TEXT(name) #name
#define SWARM_TEXT_OF(name) SWARM_TEXT(name)
#define SWARM_JOIN(a, b) a##b
#define SWARM_JOIN_OF(a, b) SWARM_JOIN(a, b)
constexpr const char* kName = "Eigen " SWARM_TEXT_OF(SWARM_EIGEN_SET);

struct Parameters {
  std::vector<Matrix> weights;
  std::vector<Row> bias;

  explicit Parameters(const nn::Model& model) {
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      Matrix w(static_cast<Index>(model.rows(l)), static_cast<Index>(model.columns(l)));
      for (Index i = 0; i < w.rows(); ++i)
        for (Index o = 0; o < w.cols(); ++o)
          w(i, o) = model.weight(l, static_cast<std::size_t>(i), static_cast<std::size_t>(o));
      weights.push_back(std::move(w));
      bias.emplace_back(Eigen::Map<const Row>(model.bias(l).data(), static_cast<Index>(model.columns(l))));
    }
  }

  void forward(const ConstMap& x, std::vector<Matrix>& activation) const {
    for (std::size_t l = 0; l < weights.size(); ++l) {
      if (l == 0)
        activation[l].noalias() = x * weights[l];
      else
        activation[l].noalias() = activation[l - 1] * weights[l];
      if (l + 1 < weights.size())
        activation[l] = (activation[l].rowwise() + bias[l]).cwiseMax(0.0f);
      else
        activation[l].rowwise() += bias[l];
    }
  }
};

/// Activations are shared, as a careful user would do, so that only weights differ between models.
class Forward final : public bench::Contestant {
 public:
  explicit Forward(const bench::Problem& problem)
      : Contestant(kName),
        problem_(problem),
        activation_(problem.layers()),
        outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    for (const nn::Model& model : problem.models) models_.emplace_back(model);
  }
  void pass() override {
    const auto rows = static_cast<Index>(problem_.batch), in = static_cast<Index>(problem_.in()),
               out = static_cast<Index>(problem_.outputs());
    for (std::size_t m = 0; m < models_.size(); ++m) {
      models_[m].forward(ConstMap(problem_.input(m), rows, in), activation_);
      Eigen::Map<Matrix>(outputs_.data() + static_cast<Index>(m) * rows * out, rows, out) =
          activation_.back();
    }
  }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  const bench::Problem& problem_;
  std::vector<Parameters> models_;
  std::vector<Matrix> activation_;
  nn::AlignedFloats outputs_;
};

class Training final : public bench::Contestant {
 public:
  explicit Training(const bench::Lesson& lesson)
      : Contestant(kName), lesson_(lesson), now_(lesson.model), activation_(lesson.model.blocks()) {
    for (std::size_t l = 0; l < lesson.model.blocks(); ++l) {
      velocity_.push_back(Matrix::Zero(now_.weights[l].rows(), now_.weights[l].cols()));
      bias_velocity_.push_back(Row::Zero(now_.bias[l].cols()));
    }
  }
  void pass() override {
    const ConstMap x(lesson_.inputs.data(), static_cast<Index>(lesson_.batch),
                     static_cast<Index>(lesson_.model.rows(0)));
    now_.forward(x, activation_);
    delta_ = activation_.back();
    delta_.colwise() -= delta_.rowwise().maxCoeff().eval();
    delta_ = delta_.array().exp().matrix();
    delta_.array().colwise() /= delta_.rowwise().sum().array().eval();
    for (Index s = 0; s < x.rows(); ++s) delta_(s, lesson_.labels[static_cast<std::size_t>(s)]) -= 1.0f;
    delta_ /= static_cast<float>(x.rows());
    for (std::size_t l = now_.weights.size(); l-- > 0;) {
      if (l > 0) {
        next_delta_.noalias() = delta_ * now_.weights[l].transpose();
        next_delta_ = (activation_[l - 1].array() > 0.0f).select(next_delta_, 0.0f);
        gradient_.noalias() = activation_[l - 1].transpose() * delta_;
      } else {
        gradient_.noalias() = x.transpose() * delta_;
      }
      velocity_[l] = lesson_.sgd.momentum * velocity_[l] + gradient_;
      now_.weights[l] -= lesson_.sgd.learning_rate * velocity_[l];
      bias_velocity_[l] = lesson_.sgd.momentum * bias_velocity_[l] + delta_.colwise().sum();
      now_.bias[l] -= lesson_.sgd.learning_rate * bias_velocity_[l];
      delta_.swap(next_delta_);
    }
  }
  std::vector<float> outputs() const override {
    const Matrix& w = now_.weights.back();
    return {w.data(), w.data() + w.size()};
  }

 private:
  const bench::Lesson& lesson_;
  Parameters now_;
  std::vector<Matrix> velocity_, activation_;
  std::vector<Row> bias_velocity_;
  Matrix delta_, next_delta_, gradient_;
};

}  // namespace

namespace swarm {
namespace bench {

std::unique_ptr<Contestant> SWARM_JOIN_OF(make_eigen_, SWARM_EIGEN_SET)(const Problem& problem) {
  return std::make_unique<Forward>(problem);
}

std::unique_ptr<Contestant> SWARM_JOIN_OF(make_eigen_training_, SWARM_EIGEN_SET)(const Lesson& lesson) {
  return std::make_unique<Training>(lesson);
}

}  // namespace bench
}  // namespace swarm
