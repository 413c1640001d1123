-- Returns for each request, in their order, whether it was let in: the function refuses those of clients that have too
-- many waiting. A request that is tried again with the same id has one job.
WITH taken AS MATERIALIZED (
    SELECT number, turn FROM moment.take_turns($7, $12, $4, $15)
), added AS (
    INSERT INTO moment.jobs (
        id, status, version, output_kind, document, owner, client, client_reference, deadline, kept, parent_id, urgent,
        webhook, style, format, turn
    )
    SELECT
        id, status, version, output_kind, document, owner, client, client_reference, deadline, kept, parent_id, urgent,
        webhook, style, $16::smallint, turn
    FROM unnest(
        $1::uuid[], $2::text[], $3::integer[], $4::text[], $5::json[], $6::text[], $7::text[], $8::text[],
        $9::timestamptz[], $10::interval[], $11::uuid[], $12::boolean[], $13::jsonb[], $14::text[]
    ) WITH ORDINALITY AS asked (
        id, status, version, output_kind, document, owner, client, client_reference, deadline, kept, parent_id, urgent,
        webhook, style, number
    )
    JOIN taken USING (number)
    WHERE turn IS NOT NULL
    ON CONFLICT (id) DO NOTHING
)
SELECT turn IS NOT NULL AS let_in FROM taken ORDER BY number
