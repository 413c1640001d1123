INSERT INTO moment.pauses (output_kind) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING
