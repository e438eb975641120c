#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

#include "sim/economy/prediction_market.hpp"
#include "sim/economy/reputation.hpp"
#include "sim/economy/shapley.hpp"
#include "sim/economy/value.hpp"

namespace swarm::economy {
namespace {

/// Visits a parameter struct; collects what a reader would trip over.
struct Reader {
  std::set<std::string_view> names;
  std::vector<std::string> faults;

  void fault(std::string_view name, const char* what) { faults.push_back(std::string(name) + " " + what); }

  template <class T>
  void operator()(std::string_view name, const T& value, const FieldInfo& info) {
    if (!names.insert(name).second) fault(name, "twice");
    if (info.doc.empty() || info.doc.back() != '.') fault(name, "is not described by a sentence");
    double number = 0;
    if constexpr (std::is_same_v<T, Duration>)
      number = value.seconds;
    else if constexpr (std::is_arithmetic_v<T>)
      number = static_cast<double>(value);
    else if (enum_name(value).empty())
      fault(name, "has no name");
    if (number < info.min || number > info.max || (info.min_open && number == info.min))
      fault(name, "is out of its range");
  }
};

template <class Params>
void expect_described(std::size_t keys) {
  Params params;
  Reader reader;
  describe(reader, params);
  EXPECT_EQ(reader.names.size(), keys);
  EXPECT_EQ(reader.faults, std::vector<std::string>{});
}

TEST(IncentiveParams, AreDescribedAndTheirDefaultsAllowed) {
  expect_described<PredictionMarketParams>(10);
  expect_described<ShapleyParams>(2);
  expect_described<ValueParams>(13);
  expect_described<ReputationParams>(9);
}

TEST(IncentiveParams, TheReaderFindsFaults) {
  Reader reader;
  reader("a", 2.0, {.max = 1, .doc = "No full stop"});
  reader("a", 0.0, {.min = 0, .min_open = true, .doc = "Twice."});
  EXPECT_EQ(reader.faults.size(), 4u);
}

TEST(IncentiveParams, DefaultsMakeAWorkingMarket) {
  const PredictionMarketParams p;
  const ScoringRule rule(static_cast<std::size_t>(p.bins), p.liquidity, {p.payout_utkn});
  EXPECT_EQ(rule.worst_loss().value, 69'314'719);  // 100·ln 2 = 69.3147180560 TKN
}

}  // namespace
}  // namespace swarm::economy
