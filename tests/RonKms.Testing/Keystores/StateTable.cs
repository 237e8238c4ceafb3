using Xunit;

namespace RonKms.Testing.Keystores;

/// <summary>The table of states, as docs/formats/ronk-v1.md, section 8 prints it.</summary>
public static class StateTable
{
    /// <summary>The conditions in the table's order.</summary>
    public static IReadOnlyList<KeyCondition> Columns { get; } =
        [KeyCondition.Current, KeyCondition.Expired, KeyCondition.Older, KeyCondition.Disabled, KeyCondition.Destroyed];

    /// <summary>What a cell says.</summary>
    /// <param name="action">The row.</param>
    /// <param name="condition">The column.</param>
    /// <returns>The error, or <see langword="null"/> for "yes".</returns>
    public static KmsError? Refusal(KeyAction action, KeyCondition condition)
    {
        KmsError?[] row = action switch
        {
            KeyAction.Sign or KeyAction.ComputeMac or KeyAction.Wrap or KeyAction.Encapsulate =>
                [null, KmsError.Expired, KmsError.NotLatestVersion, KmsError.KeyDisabled, KmsError.KeyDestroyed],
            KeyAction.Verify or KeyAction.GetPublicKey =>
                [null, null, null, null, null],
            KeyAction.Decapsulate or KeyAction.Unwrap or KeyAction.VerifyMac =>
                [null, null, null, KmsError.KeyDisabled, KmsError.KeyDestroyed],
            KeyAction.Rotate =>
                [null, null, KmsError.NotLatestVersion, null, KmsError.KeyDestroyed],
            _ => throw new ArgumentOutOfRangeException(nameof(action)),
        };
        return row[(int)condition];
    }

    /// <summary>What can be tried with keys of an algorithm.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <returns>The rows that it has.</returns>
    public static IReadOnlyList<KeyAction> Rows(KeyAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        return algorithm.Use switch
        {
            KeyUse.Sign => [KeyAction.Sign, KeyAction.Verify, KeyAction.GetPublicKey, KeyAction.Rotate],
            KeyUse.Encapsulate => [KeyAction.Encapsulate, KeyAction.Decapsulate, KeyAction.GetPublicKey, KeyAction.Rotate],
            KeyUse.Wrap => [KeyAction.Wrap, KeyAction.Unwrap, KeyAction.Rotate],
            KeyUse.Mac => [KeyAction.ComputeMac, KeyAction.VerifyMac, KeyAction.Rotate],
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
    }

    /// <summary>Every cell, for every algorithm given.</summary>
    /// <param name="algorithms">The algorithms.</param>
    /// <returns>Algorithm names, rows and columns.</returns>
    public static TheoryData<string, KeyAction, KeyCondition> Cells(params IEnumerable<KeyAlgorithm> algorithms)
    {
        ArgumentNullException.ThrowIfNull(algorithms);
        TheoryData<string, KeyAction, KeyCondition> cells = [];
        foreach (KeyAlgorithm algorithm in algorithms)
        {
            foreach (KeyAction action in Rows(algorithm))
            {
                foreach (KeyCondition condition in Columns)
                {
                    cells.Add(algorithm.Name, action, condition);
                }
            }
        }

        return cells;
    }
}
