namespace LlmOps.Evaluator.Datasets;

/// <summary>How a dataset is written; the ending of its file's name says which.</summary>
internal enum DatasetFormat
{
    /// <summary>.jsonl, .ndjson: a JSON object a line.</summary>
    Jsonl,

    /// <summary>.csv: RFC 4180, with a line of names.</summary>
    Csv,

    /// <summary>.yaml, .yml: a list, <c>cases</c>.</summary>
    Yaml,
}
