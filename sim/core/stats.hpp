#pragma once
#include <span>

/// Means, quantiles and indices of inequality.
///
/// The indices take incomes or shares: finite values ≥ 0. A negative, infinite or missing value gives NaN,
/// and so does an empty list. If all values are zero nobody has more than another: equality. Indices do not
/// change when all values are multiplied by one factor.
namespace swarm {
inline namespace core {

/// Neumaier's sum (Zeitschrift für angewandte Mathematik und Mechanik 54, 1974): the rounding error of each
/// addition is kept and added at the end. The result depends on the order of the values.
class CompensatedSum {
 public:
  void add(double x);
  double value() const;

 private:
  double sum_ = 0;
  double lost_ = 0;
};

/// Compensated arithmetic mean; NaN for an empty list.
double mean(std::span<const double> values);

/// Quantile of type 7 of Hyndman and Fan (The American Statistician 50, 1996), the default of R and NumPy:
/// linear between order statistics at position q·(n − 1). q in [0, 1]. Works on a copy. NaN for an empty
/// list, if a value is NaN, or if q is outside its range.
double quantile(std::span<const double> values, double q);

/// Gini coefficient of a finite population, mean absolute difference over twice the mean: 0 if all are equal,
/// (n − 1)/n if one of n has everything.
double gini(std::span<const double> values);

/// Theil's T, mean of x/µ · ln(x/µ) with 0·ln 0 = 0: 0 if all are equal, ln n if one of n has everything.
double theil(std::span<const double> values);

/// Jain's index of fairness, (Σx)² / (n·Σx²): 1 if all are equal, 1/n if one of n has everything.
double jain(std::span<const double> values);

/// Atkinson's index with aversion epsilon ≥ 0: one minus the equally distributed equivalent over the mean.
/// 0 if all are equal. At epsilon = 1 (and within 1e-8 of it) it is one minus geometric over arithmetic mean;
/// with epsilon ≥ 1 one zero makes it 1. NaN if epsilon is negative or not finite.
double atkinson(std::span<const double> values, double epsilon);

}  // namespace core
}  // namespace swarm
