-- What a line has passed says nothing any more: who comes again begins where the line is.
DELETE FROM moment.turns
WHERE (client, urgent, output_kind) IN (
    SELECT turns.client, turns.urgent, turns.output_kind
    FROM (VALUES (false, 'preview'), (false, 'song'), (true, 'preview'), (true, 'song')) AS line (urgent, kind)
    CROSS JOIN LATERAL (SELECT moment.turn_reached(line.urgent, line.kind) AS turn OFFSET 0) AS reached
    CROSS JOIN LATERAL (
        SELECT client, urgent, output_kind
        FROM moment.turns
        WHERE turns.urgent = line.urgent AND turns.output_kind = line.kind AND turns.finish < reached.turn
        ORDER BY turns.finish
        LIMIT $1
    ) AS turns
)
