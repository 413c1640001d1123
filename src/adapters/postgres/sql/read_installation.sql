SELECT id, bucket FROM moment.installation
