using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace LlmOps.Gateway.Configuration;

/// <summary>
/// Reads a configuration section into an options object and reports every fault it finds, each under its key.
/// The framework's binder stops at the first value it cannot convert and passes over keys it does not know.
/// </summary>
internal sealed class OptionsReader(List<string> faults)
{
    private const double LongestDuration = 1e12;

    /// <summary>The section as <typeparamref name="T"/>; what is unset keeps the default of the class.</summary>
    public T Read<T>(IConfiguration configuration, string key)
        where T : class, new() =>
        (T)ReadObject(new T(), configuration.GetSection(key));

    private object ReadObject(object target, IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 })
        {
            Fault(section.Path, "is a single value; expected an object");
            return target;
        }

        var properties = target.GetType().GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
            {
                // NAME_FILE names a file with the value of NAME, which EnvironmentSource has read.
                if (child.Key.EndsWith(EnvironmentSource.FileSuffix, StringComparison.OrdinalIgnoreCase) && properties.ContainsKey(child.Key[..^EnvironmentSource.FileSuffix.Length]))
                {
                    continue;
                }

                Fault(child.Path, $"is not a setting; expected one of {string.Join(", ", properties.Keys.Order())}");
            }
            else if (ReadValue(property.PropertyType, property.GetValue(target), child) is { } value)
            {
                property.SetValue(target, value);
            }
        }

        foreach (var property in properties.Values)
        {
            Validate(property, property.GetValue(target), ConfigurationPath.Combine(section.Path, property.Name));
        }

        return target;
    }

    /// <summary>The value of one setting; null where it is unset, empty or faulty.</summary>
    private object? ReadValue(Type type, object? current, IConfigurationSection section)
    {
        if (current is IDictionary dictionary)
        {
            if (section.Value is { Length: > 0 })
            {
                Fault(section.Path, "is a single value; expected an object of named entries");
            }

            var valueType = type.GetGenericArguments()[1];
            foreach (var child in section.GetChildren())
            {
                if ((valueType == typeof(string) || valueType == typeof(Secret) ? ReadValue(valueType, null, child) : ReadObject(Activator.CreateInstance(valueType)!, child)) is { } value)
                {
                    dictionary[child.Key] = value;
                }
            }

            return dictionary;
        }

        if (current is IList list)
        {
            return ReadList(list, type.GetGenericArguments()[0], section);
        }

        if (current is not null && !type.IsValueType && current is not (string or Uri or Secret))
        {
            return ReadObject(current, section);
        }

        if (section.GetChildren().Any())
        {
            Fault(section.Path, $"is an object or a list; expected {Describe(type)}");
            return null;
        }

        return string.IsNullOrWhiteSpace(section.Value) ? null : ReadScalar(type, section.Value.Trim(), section.Path);
    }

    private IList ReadList(IList list, Type itemType, IConfigurationSection section)
    {
        list.Clear();
        if (itemType == typeof(string) && section.Value is { Length: > 0 } text)
        {
            // A list in an environment variable: a,b,c
            foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                list.Add(item);
            }
        }

        foreach (var child in section.GetChildren())
        {
            var item = itemType == typeof(string) ? child.Value : ReadObject(Activator.CreateInstance(itemType)!, child);
            if (item is not null)
            {
                list.Add(item);
            }
        }

        return list;
    }

    private object? ReadScalar(Type type, string text, string path)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        object? value = plain switch
        {
            _ when plain == typeof(string) => text,
            _ when plain == typeof(Secret) => new Secret(text),
            _ when plain == typeof(bool) => bool.TryParse(text, out var parsed) ? parsed : text switch { "1" => true, "0" => false, _ => null },
            _ when plain == typeof(int) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
            _ when plain == typeof(long) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
            _ when plain == typeof(float) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
            _ when plain == typeof(TimeSpan) => ParseDuration(text),
            _ when plain == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? new Uri(text) : null,
            _ when plain.IsEnum => Enum.TryParse(plain, text, ignoreCase: true, out var parsed) && Enum.IsDefined(plain, parsed) ? parsed : null,
            _ => throw new NotSupportedException($"Options of type {plain} are not read."),
        };
        if (value is null)
        {
            // What was meant for an address may be a whole connection string, with its password.
            var shown = plain == typeof(Uri) && text.AsSpan().ContainsAny('@', '=') ? "is no address, with @ or = in it" : $"is '{text}'";
            Fault(path, $"{shown}; expected {Describe(type)}");
        }

        return value;
    }

    // A bare number is refused: TimeSpan would read "30" as thirty days, people mean seconds.
    private static TimeSpan? ParseDuration(string text)
    {
        if (text.Contains(':'))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        }

        var unit = text.TrimStart("0123456789.".ToCharArray());
        double? milliseconds = unit switch { "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, _ => null };
        return milliseconds is not null && double.TryParse(text[..^unit.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number * milliseconds.Value < LongestDuration
            ? TimeSpan.FromMilliseconds(number * milliseconds.Value)
            : null;
    }

    private void Validate(PropertyInfo property, object? value, string path)
    {
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
        {
            Fault(path, rule switch
            {
                RangeAttribute range => $"is {Show(value)}; expected {range.Minimum} to {range.Maximum}",
                RequiredAttribute => "is missing",
                _ when value is string text => $"is '{text}', which {rule.FormatErrorMessage(property.Name)}",
                _ => rule.FormatErrorMessage(property.Name),
            });
        }
    }

    private static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(int) || plain == typeof(long) => "a whole number",
            _ when plain == typeof(float) => "a number",
            _ when plain == typeof(TimeSpan) => "a duration such as 00:00:30, 30s or 500ms",
            _ when plain == typeof(Uri) => "an address such as https://api.example.com/v1",
            _ when plain.IsEnum => string.Join(" or ", Enum.GetNames(plain)),
            _ => "a text",
        };
    }

    private void Fault(string path, string what) => faults.Add($"{EnvironmentNames.Describe(path)} {what}.");
}
