#include "sim/policy/social_cost.hpp"

#include <algorithm>
#include <array>

#include "sim/core/calendar.hpp"

namespace swarm {
namespace policy {
namespace {

struct Row {
  double year;
  std::array<double, 3> usd_per_t;  ///< at 2.5, 2.0 and 1.5 percent
};
constexpr std::array<Row, 8> kPath{{{2020, {120, 190, 340}},
                                    {2025, {130, 210, 360}},
                                    {2030, {140, 230, 380}},
                                    {2040, {170, 270, 430}},
                                    {2050, {200, 310, 480}},
                                    {2060, {230, 350, 530}},
                                    {2070, {260, 380, 570}},
                                    {2080, {280, 410, 600}}}};

}  // namespace

double social_cost_usd_per_t(SocialCostPath path, std::int64_t utc) {
  const auto column = static_cast<std::size_t>(path);
  const CivilTime t = civil(utc);
  const double year = std::clamp(t.year + t.year_fraction, kPath.front().year, kPath.back().year);
  std::size_t k = 0;
  while (k + 2 < kPath.size() && year > kPath[k + 1].year) ++k;
  const double part = (year - kPath[k].year) / (kPath[k + 1].year - kPath[k].year);
  return kPath[k].usd_per_t[column] + part * (kPath[k + 1].usd_per_t[column] - kPath[k].usd_per_t[column]);
}

}  // namespace policy
}  // namespace swarm
