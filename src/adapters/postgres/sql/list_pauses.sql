SELECT output_kind FROM moment.pauses ORDER BY output_kind
