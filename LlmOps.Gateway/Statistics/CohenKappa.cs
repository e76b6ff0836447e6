namespace LlmOps.Gateway.Statistics;

/// <summary>Agreement of two raters who put the same cases into categories (Cohen 1960).</summary>
internal static class CohenKappa
{
    /// <summary>Kappa, and its standard error (Fleiss, Cohen, Everitt 1969).</summary>
    /// <param name="counts">How many cases the first rater put into the row's category and the second into the column's; square.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null for fewer than two cases, counts below zero, a table that is not square, or where chance alone agrees always, as both use one category.</returns>
    public static Agreement? Of(long[,] counts, double confidence = 0.95)
    {
        var categories = counts.GetLength(0);
        double cases = counts.Cast<long>().Sum();
        if (categories != counts.GetLength(1) || cases < 2 || counts.Cast<long>().Any(count => count < 0))
        {
            return null;
        }

        var (rows, columns) = (new double[categories], new double[categories]);
        var observed = 0.0;
        for (var row = 0; row < categories; row++)
        {
            for (var column = 0; column < categories; column++)
            {
                rows[row] += counts[row, column] / cases;
                columns[column] += counts[row, column] / cases;
            }

            observed += counts[row, row] / cases;
        }

        var expected = rows.Zip(columns, (row, column) => row * column).Sum();
        if (!(expected < 1))
        {
            return null;
        }

        var kappa = (observed - expected) / (1 - expected);
        var (diagonal, others) = (0.0, 0.0);
        for (var row = 0; row < categories; row++)
        {
            var weight = 1 - expected - ((rows[row] + columns[row]) * (1 - observed));
            diagonal += counts[row, row] / cases * weight * weight;
            for (var column = 0; column < categories; column++)
            {
                var sum = columns[row] + rows[column];
                others += row == column ? 0 : counts[row, column] / cases * sum * sum;
            }
        }

        var centre = (observed * expected) - (2 * expected) + observed;
        var variance = (diagonal + ((1 - observed) * (1 - observed) * others) - (centre * centre)) / (cases * Math.Pow(1 - expected, 4));
        var error = Math.Sqrt(Math.Max(0, variance));
        var half = error * Distributions.NormalCritical(confidence);
        return new Agreement(kappa, error, new Interval(Math.Max(-1, kappa - half), Math.Min(1, kappa + half)), observed, expected);
    }
}
