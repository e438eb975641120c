#include "sim/grid/profile_table.hpp"

#include <array>
#include <span>

#include "sim/core/checks.hpp"

// clang-format off
// Rounded rows of `analysis/fit_profiles.py coefficients`; docs/models/grid.md says how they are fitted and how well.
//   intensity    Electricity Maps, hourly life-cycle intensity of 2022 (ODbL 1.0): a zone, or the medians over the zones
//                of a country (AU CA IN JP NO US), over the zones with a renewable share below 25 % (fossil), below
//                60 % (mixed) and from 60 % on (renewable) in 2022, or over all 75 (world)
//   price        wholesale markets, hourly, 2023 and 2024, each year relative to its mean and cut at the 99th
//                percentile: a zone, or the medians over the zones of a country (AU US) or over all 22 (world). Daily
//                terms and disturbance only: a business's tariff has no market weekend, and two years do not make a
//                season.
// Columns: daily amplitude and peak [local h], half-daily amplitude and peak [local h], weekend fall, yearly amplitude
// and peak [day of the northern year], standard deviation and hourly autocorrelation of the disturbance.
// clang-format on
namespace swarm {
namespace grid {
namespace {

struct Fitted {
  std::string_view name;
  Variation variation;
};

// clang-format off
constexpr std::array<Fitted, 31> kIntensity{{
    {"AU",        {0.177, 23.7, 0.069,  6.7,  0.018, 0.063, 336, 0.154, 0.935}},
    {"BR-CS",     {0.084,  6.0, 0.031,  2.7, -0.074, 0.199,  44, 0.158, 0.989}},
    {"CA",        {0.162, 16.0, 0.072,  8.7,  0.111, 0.122, 324, 0.285, 0.964}},
    {"CH",        {0.213,  2.1, 0.124,  1.8, -0.121, 0.143,  15, 0.310, 0.913}},
    {"CL-SEN",    {0.276,  1.2, 0.062,  6.8,  0.021, 0.250, 302, 0.109, 0.862}},
    {"DE",        {0.127,  0.2, 0.061,  6.5,  0.093, 0.053, 283, 0.249, 0.989}},
    {"ES",        {0.134,  1.9, 0.061,  7.6,  0.119, 0.137, 229, 0.264, 0.984}},
    {"FR",        {0.054,  0.1, 0.055,  8.6,  0.134, 0.131, 294, 0.270, 0.983}},
    {"GB",        {0.050, 18.2, 0.077,  6.9,  0.160, 0.120, 205, 0.306, 0.987}},
    {"IL",        {0.030,  0.2, 0.007,  6.1,  0.000, 0.004, 337, 0.007, 0.574}},
    {"IN",        {0.036,  1.1, 0.009,  7.0,  0.002, 0.023,  27, 0.025, 0.884}},
    {"IN-WE",     {0.082,  1.2, 0.028,  6.9,  0.010, 0.068,  31, 0.043, 0.884}},
    {"IT-NO",     {0.076,  0.7, 0.016,  6.3,  0.153, 0.138,   4, 0.122, 0.942}},
    {"JP",        {0.080, 23.7, 0.027,  5.7,  0.014, 0.009, 351, 0.027, 0.840}},
    {"KR",        {0.035,  0.9, 0.010,  6.9,  0.005, 0.005, 336, 0.009, 0.702}},
    {"NL",        {0.122,  0.5, 0.063,  7.6,  0.080, 0.048, 130, 0.208, 0.977}},
    {"NO",        {0.022,  7.5, 0.033,  1.7, -0.072, 0.168, 282, 0.213, 0.961}},
    {"NZ",        {0.060, 15.2, 0.051,  8.0,  0.069, 0.485, 294, 0.176, 0.960}},
    {"PA",        {0.090,  2.9, 0.037,  5.2,  0.024, 0.429,  44, 0.184, 0.975}},
    {"PE",        {0.028,  2.6, 0.011,  4.2,  0.030, 0.338,  85, 0.162, 0.976}},
    {"PL",        {0.060, 23.7, 0.041,  6.2,  0.035, 0.033, 306, 0.114, 0.980}},
    {"SE-SE3",    {0.066, 12.2, 0.020, 12.0, -0.007, 0.253,  22, 0.215, 0.943}},
    {"SG",        {0.017,  1.0, 0.008,  6.7,  0.001, 0.000, 231, 0.007, 0.793}},
    {"TR",        {0.078,  3.7, 0.026,  6.6,  0.002, 0.073, 309, 0.112, 0.829}},
    {"US",        {0.042, 22.3, 0.035,  6.8,  0.042, 0.073, 284, 0.119, 0.976}},
    {"UY",        {0.085, 15.4, 0.031,  9.5,  0.095, 0.666, 211, 0.740, 0.984}},
    {"ZA",        {0.034,  2.2, 0.009,  6.9,  0.006, 0.037, 331, 0.031, 0.959}},
    {"fossil",    {0.059,  0.2, 0.024,  6.1,  0.014, 0.032, 349, 0.062, 0.928}},
    {"mixed",     {0.121,  0.4, 0.056,  6.7,  0.080, 0.120, 309, 0.208, 0.968}},
    {"renewable", {0.061,  5.1, 0.032,  4.8,  0.002, 0.268,  21, 0.235, 0.961}},
    {"world",     {0.072,  0.4, 0.041,  6.4,  0.033, 0.094, 348, 0.176, 0.961}},
}};

constexpr std::array<Fitted, 16> kPrice{{
    {"AU",        {0.313, 21.6, 0.253,  6.8, 0, 0, 0, 0.843, 0.889}},
    {"BR-CS",     {0.088, 20.7, 0.047,  7.5, 0, 0, 0, 0.685, 0.979}},
    {"CA-ON",     {0.226, 15.2, 0.105,  7.8, 0, 0, 0, 0.461, 0.850}},
    {"CH",        {0.090, 21.4, 0.165,  7.9, 0, 0, 0, 0.334, 0.965}},
    {"CL-SEN",    {0.362,  0.5, 0.107,  8.2, 0, 0, 0, 0.411, 0.885}},
    {"DE",        {0.149, 21.3, 0.269,  7.8, 0, 0, 0, 0.430, 0.952}},
    {"ES",        {0.213,  0.2, 0.219,  8.7, 0, 0, 0, 0.489, 0.972}},
    {"FR",        {0.141, 21.0, 0.261,  8.5, 0, 0, 0, 0.460, 0.963}},
    {"IN-WE",     {0.213, 22.0, 0.189,  8.6, 0, 0, 0, 0.440, 0.929}},
    {"JP-TK",     {0.155, 20.6, 0.122,  7.3, 0, 0, 0, 0.253, 0.934}},
    {"KR",        {0.131, 16.1, 0.068,  9.9, 0, 0, 0, 0.210, 0.961}},
    {"NL",        {0.169, 21.7, 0.279,  7.9, 0, 0, 0, 0.426, 0.945}},
    {"SG",        {0.274, 17.5, 0.143,  8.7, 0, 0, 0, 0.864, 0.792}},
    {"US",        {0.272, 19.9, 0.173,  2.1, 0, 0, 0, 0.580, 0.923}},
    {"ZA",        {0.171, 13.1, 0.258,  7.9, 0, 0, 0, 0.485, 0.714}},
    {"world",     {0.207, 20.8, 0.206,  8.0, 0, 0, 0, 0.471, 0.949}},
}};
// clang-format on

const Variation& find(std::span<const Fitted> rows, std::string_view name) {
  for (const Fitted& row : rows)
    if (row.name == name) return row.variation;
  EXPECT(false && "a built-in region names a profile that is not in the table");
  return rows.back().variation;
}

}  // namespace

const Variation& fitted_intensity(std::string_view name) {
  return find(kIntensity, name);
}
const Variation& fitted_price(std::string_view name) {
  return find(kPrice, name);
}

}  // namespace grid
}  // namespace swarm
