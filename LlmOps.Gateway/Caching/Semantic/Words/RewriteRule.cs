namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>A phrase, and the one that says the same; rewrites.txt says how they are written.</summary>
internal sealed class RewriteRule
{
    private const int LongestWildcard = 20;

    private readonly Part[] _pattern;
    private readonly string[] _replacement;
    private readonly bool _fromStart;
    private readonly bool _toEnd;

    private RewriteRule(string line, Dictionary<string, string[]> classes)
    {
        var sides = line.Split("=>");
        var words = sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (_fromStart, _toEnd) = (words[0] == "^", words[^1] == "$");
        var isAhead = false;
        var parts = new List<Part>();
        foreach (var word in words.Where(word => word is not ("^" or "$")))
        {
            if (word == "&")
            {
                isAhead = true;
                continue;
            }

            var isOptional = word.Length > 1 && word[^1] == '?';
            var choices = (isOptional ? word[..^1] : word).Split('|');
            var ofClass = classes.GetValueOrDefault(choices[0]);
            parts.Add(new Part(ofClass ?? choices, isOptional, word == "*", word == "*" || ofClass is not null, isAhead));
        }

        _pattern = [.. parts];
        _replacement = sides[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // A rule that has alternatives may give them back: "big data" is "big_data".
        if (_replacement.Any(word => word.Contains('%', StringComparison.Ordinal)) && !_pattern.Any(part => part.Captures))
        {
            var last = Array.FindLastIndex(_pattern, part => part.Choices.Length > 1 && !part.IsAhead);
            _pattern[last] = _pattern[last] with { Captures = true };
        }
    }

    /// <summary>Reads rules, and the classes of words before them.</summary>
    public static (IReadOnlyList<RewriteRule> Rules, IReadOnlyDictionary<string, string[]> Classes) Read(IEnumerable<string> lines)
    {
        var classes = new Dictionary<string, string[]>();
        var rules = new List<RewriteRule>();
        foreach (var line in lines)
        {
            if (line.Contains("=>", StringComparison.Ordinal))
            {
                rules.Add(new RewriteRule(line, classes));
            }
            else
            {
                var sides = line.Split(" = ");
                classes[sides[0]] = sides[1].Split(' ');
            }
        }

        return (rules, classes);
    }

    /// <summary>Rewrites what fits, as often as it does; false where nothing did.</summary>
    public bool Apply(List<PromptToken> tokens)
    {
        var applied = false;
        Span<Range> captures = stackalloc Range[4];
        for (var start = 0; start < tokens.Count && (start == 0 || !_fromStart); start++)
        {
            if (!MayBegin(tokens[start]))
            {
                continue;
            }

            var captured = 0;
            var end = Match(tokens, start, 0, captures, ref captured);
            if (end < 0 || (end - start == tokens.Count && _replacement.Length == 0))
            {
                // What asks nothing is all that was said: it stays.
                continue;
            }

            var replacement = Replacement(tokens, captures);
            if (replacement.Count == end - start && Same(tokens, start, replacement))
            {
                continue;
            }

            tokens.RemoveRange(start, end - start);
            tokens.InsertRange(start, replacement);
            applied = true;
            start += _fromStart ? -1 : Math.Max(replacement.Count - 1, -1);
            if (_fromStart && replacement.Count > 0)
            {
                break;
            }
        }

        return applied;
    }

    private bool MayBegin(PromptToken token)
    {
        foreach (var part in _pattern)
        {
            if (part.IsWildcard || part.Fits(token))
            {
                return true;
            }

            if (!part.IsOptional)
            {
                return false;
            }
        }

        return true;
    }

    // The end of what the parts from this one on fit at a place; -1 where they do not.
    private int Match(List<PromptToken> tokens, int at, int index, Span<Range> captures, ref int captured)
    {
        if (index == _pattern.Length)
        {
            return !_toEnd || at == tokens.Count || (at == tokens.Count - 1 && tokens[at].Is(".")) ? at : -1;
        }

        var part = _pattern[index];
        if (part.IsAhead)
        {
            return at < tokens.Count && part.Fits(tokens[at]) ? at : -1;
        }

        var before = captured;
        var most = part.IsWildcard ? Math.Min(LongestWildcard, tokens.Count - at) : 1;
        for (var length = 1; length <= most && at + length <= tokens.Count; length++)
        {
            var token = tokens[at + length - 1];
            if (part.IsWildcard ? token.Kind == PromptTokenKind.Break : !part.Fits(token))
            {
                break;
            }

            if (part.Captures)
            {
                captures[captured++] = at..(at + length);
            }

            if (Match(tokens, at + length, index + 1, captures, ref captured) is >= 0 and var end)
            {
                return end;
            }

            captured = before;
        }

        return part.IsOptional ? Match(tokens, at, index + 1, captures, ref captured) : -1;
    }

    private List<PromptToken> Replacement(List<PromptToken> tokens, ReadOnlySpan<Range> captures)
    {
        var replacement = new List<PromptToken>();
        foreach (var word in _replacement)
        {
            var percent = word.IndexOf('%', StringComparison.Ordinal);
            if (percent < 0)
            {
                replacement.Add(new(word, PromptTokenKind.Word));
                continue;
            }

            var (offset, length) = captures[word[percent + 1] - '1'].GetOffsetAndLength(tokens.Count);
            if (percent == 0)
            {
                replacement.AddRange(tokens.GetRange(offset, length));
            }
            else
            {
                replacement.Add(new(word[..percent] + tokens[offset].Text, PromptTokenKind.Word));
            }
        }

        return replacement;
    }

    private static bool Same(List<PromptToken> tokens, int start, List<PromptToken> replacement)
    {
        for (var index = 0; index < replacement.Count; index++)
        {
            if (tokens[start + index].Text != replacement[index].Text)
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Part(string[] Choices, bool IsOptional, bool IsWildcard, bool Captures, bool IsAhead)
    {
        public bool Fits(PromptToken token)
        {
            if (token.Kind is not (PromptTokenKind.Word or PromptTokenKind.Break or PromptTokenKind.Number))
            {
                return false;
            }

            foreach (var choice in Choices)
            {
                if (token.Text == choice)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
